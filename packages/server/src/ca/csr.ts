import { createPublicKey } from "node:crypto";
import { messageOf } from "@sigil/core/plain";
import { fail } from "../errors.ts";
import { keyProblem } from "./keys.ts";
import { hostOf } from "@sigil/core/plain";
import { x509 } from "./x509.ts";

/** Of the PEM text, characters. A request with an RSA key of 4096 bits has about 1,700. */
const MAX_CSR = 16 * 1024;
const PEM =
  /^-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----\r?\n[A-Za-z0-9+/=\r\n]+-----END (?:NEW )?CERTIFICATE REQUEST-----\s*$/;
const SUBJECT_ALTERNATIVE_NAME = "2.5.29.17";

/** Who asks for a certificate, and for which key. Nothing else of the request is taken over. */
export type HostRequest = { readonly hostId: string; readonly publicKey: ArrayBuffer };

/**
 * Reads a PKCS #10 request. Its signature shows that whoever asks has the key.
 * @throws SIGIL_SERVER_CSR
 */
export async function readRequest(pem: string): Promise<HostRequest> {
  if (pem.length > MAX_CSR) throw refused(`it has more than ${MAX_CSR} characters`);
  if (!PEM.test(pem.trim())) throw refused("it is not one PEM CERTIFICATE REQUEST");
  const { request, publicKey } = parse(pem);
  const problem = publicKeyProblem(publicKey);
  if (problem !== null) throw refused(problem);
  if (!(await isSigned(request))) throw refused("its signature is not by its own key");
  return { hostId: hostIdOf(request), publicKey };
}

type Request = InstanceType<typeof x509.Pkcs10CertificateRequest>;

/** The key is parsed here as well: with its curve damaged, asking for its bytes throws. */
function parse(pem: string): { readonly request: Request; readonly publicKey: ArrayBuffer } {
  try {
    const request = new x509.Pkcs10CertificateRequest(pem.trim());
    return { request, publicKey: request.publicKey.rawData };
  } catch (error) {
    throw refused("it cannot be parsed", error);
  }
}

function publicKeyProblem(spki: ArrayBuffer): string | null {
  try {
    return keyProblem(createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" }));
  } catch (error) {
    return `its key cannot be read: ${messageOf(error)}`;
  }
}

async function isSigned(request: Request): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    return false;
  }
}

/** @throws SIGIL_SERVER_CSR unless exactly one name is asked for, and it is a host's */
function hostIdOf(request: Request): string {
  let names: readonly { readonly type: string; readonly value: string }[];
  try {
    const extensions = request.getExtensions(SUBJECT_ALTERNATIVE_NAME);
    names = extensions.flatMap((one) =>
      one instanceof x509.SubjectAlternativeNameExtension ? [...one.names.items] : [],
    );
  } catch (error) {
    throw refused("its names cannot be parsed", error);
  }
  const [name, ...more] = names;
  const hostId = name?.type === "url" ? hostOf(name.value) : null;
  if (hostId !== null && more.length === 0) return hostId;
  throw refused("it must ask for exactly one subject alternative name, URI sigil:host:<host id>");
}

function refused(why: string, cause?: unknown) {
  return fail("SIGIL_SERVER_CSR", `the certificate request is refused: ${why}`, { cause });
}
