import { X509Certificate } from "node:crypto";
import type { ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Authority } from "@sigil/testkit";

// oxlint-disable-next-line import/no-unassigned-import -- the library below does not load without
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

export type Answer = { readonly status: number; readonly body: unknown };

/** What was asked of it. */
export type Asked = { readonly url: string; readonly token: string; readonly csr: string };

export type Api = {
  readonly url: string;
  readonly asked: Asked[];
  /** Instead of issuing nothing. */
  answer: ((asked: Asked) => Promise<Answer>) | null;
  close(): Promise<void>;
};

/** The API of a server, as far as enrolment goes. */
export async function createApi(authority: Authority): Promise<Api> {
  const pair = await authority.issueServer();
  const server = createServer({ cert: pair.certPem, key: pair.keyPem });
  const api: Api = { url: "", asked: [], answer: null, close: async () => undefined };
  server.on("tlsClientError", () => undefined);
  server.on("request", (req, res) => {
    const chunks: Buffer[] = [];
    req.on("data", (chunk: Buffer) => void chunks.push(chunk));
    req.on("end", () => {
      const { csr } = JSON.parse(Buffer.concat(chunks).toString()) as { csr: string };
      const token = (req.headers.authorization ?? "").replace("Bearer ", "");
      const asked = { url: req.url ?? "", token, csr };
      api.asked.push(asked);
      void respond(res, api.answer?.(asked));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return Object.assign(api, { url: `https://127.0.0.1:${port}`, close });
}

async function respond(res: ServerResponse, answering: Promise<Answer> | undefined): Promise<void> {
  const { status, body } = (await answering) ?? { status: 500, body: {} };
  res.writeHead(status, { "content-type": "application/json" });
  res.end(JSON.stringify(body));
}

/** Signs what a request asks for, as an authority of a server does. @param uri instead of the names asked for */
export async function sign(authority: Authority, csrPem: string, uri?: string): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(csrPem);
  if (!(await request.verify())) throw new Error("the request is not signed by its key");
  const ca = new x509.X509Certificate(authority.caPem);
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
  const signingKey = await crypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decodeFirst(authority.caKeyPem),
    algorithm,
    false,
    ["sign"],
  );
  const asked = request
    .getExtensions("2.5.29.17")
    .flatMap((one) => (one instanceof x509.SubjectAlternativeNameExtension ? one.names.items : []));
  const names =
    uri === undefined
      ? asked.map(({ type, value }) => ({ type, value }))
      : [{ type: "url" as const, value: uri }];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: "0123",
    issuer: ca.subject,
    subject: request.subject,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 90 * 86_400_000),
    publicKey: request.publicKey,
    signingKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names as x509.JsonGeneralNames),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
    ],
  });
  return new X509Certificate(certificate.toString("pem")).toString();
}
