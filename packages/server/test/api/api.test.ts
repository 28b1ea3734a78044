import { webcrypto, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostUri } from "@sigil/core/plain";
import { x509 } from "../../src/ca/x509.ts";
import type { Daemon } from "../../src/daemon.ts";
import { ulid } from "../kit.ts";
import { prepareServer, type Credentials, type Prepared } from "../running.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

async function csrOf(hostId: string) {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: "CN=x",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: "url", value: hostUri(hostId) }]),
    ],
  });
  const der = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { csr: request.toString("pem"), key: x509.PemConverter.encode(der, "PRIVATE KEY") };
}

describe("the API", () => {
  let server: Prepared;
  let daemon: Daemon;
  let token: string;
  const read = (path: string, secret = token) => server.read(`${daemon.api}${path}`, secret);

  beforeAll(async () => {
    server = await prepareServer({ limits: { max_page_bytes: 65_536 } });
    daemon = await server.start();
    token = server.token(["read"]);
  });
  afterAll(() => server.end());

  describe("when a request has no token that is known", () => {
    it.each(["", "Bearer", "Bearer x", "Basic eDp5", `Bearer sgl_${"A".repeat(43)}`])(
      "answers 401: %j",
      async (authorization) => {
        const answer = await server.ask(`${daemon.api}/v1/hosts`, { headers: { authorization } });
        expect(answer.status).toBe(401);
        expect(answer.headers["content-type"]).toMatch(/^application\/problem\+json/);
        expect(answer.headers["www-authenticate"]).toMatch(/^Bearer/);
        expect(answer.json()).toMatchObject({ type: "urn:sigil:problem:unauthorized" });
      },
    );

    it("says the same of paths that exist and that do not ask for one", async () => {
      for (const path of [
        "/v1/events",
        "/v1/risk",
        "/v1/drift",
        "/v1/hosts/x",
        "/v1/hosts/x/ledger",
        "/metrics",
      ])
        expect((await server.ask(`${daemon.api}${path}`)).status).toBe(401);
      for (const path of ["/healthz", "/readyz"])
        expect((await server.ask(`${daemon.api}${path}`)).status).toBe(200);
    });
  });

  describe("when the token is for something else", () => {
    it("answers 403", async () => {
      const [metrics, enroll] = [server.token(["metrics"]), server.token(["enroll"])];
      expect((await read("/v1/hosts", metrics)).status).toBe(403);
      expect((await read("/v1/hosts", enroll)).status).toBe(403);
      expect((await read("/metrics", enroll)).status).toBe(403);
      expect((await read("/metrics", metrics)).status).toBe(200);
      expect((await read("/metrics", token)).status).toBe(200);
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const ask = { method: "POST", headers, body: "{}" };
      expect((await server.ask(`${daemon.api}/v1/enroll`, ask)).status).toBe(403);
    });
  });

  describe("when a token is revoked", () => {
    it("counts at once", async () => {
      const secret = server.token(["read"]);
      expect((await read("/v1/hosts", secret)).status).toBe(200);
      server.withRegistry((registry) => {
        for (const { id } of registry.tokens())
          if (registry.token(secret, 0)?.id === id) registry.deleteToken(id);
      });
      expect((await read("/v1/hosts", secret)).status).toBe(401);
    });
  });

  describe("when a query cannot be understood", () => {
    it.each([
      "/v1/events?limit=0",
      "/v1/events?limit=1001",
      "/v1/events?limit=x",
      "/v1/events?since=yesterday",
      "/v1/events?severity=bad",
      "/v1/events?unknown=1",
      "/v1/events?repeats=maybe",
      "/v1/events?format=xml",
      "/v1/events?cursor=bm9uc2Vuc2U",
      "/v1/events?limit=1&limit=2",
      "/v1/hosts?cursor=x",
      "/v1/risk?min_score=11",
      "/v1/drift?kind=x",
      `/v1/events?${"kind=a&".repeat(33)}`,
    ])("says what is wrong: %s", async (path) => {
      const answer = await read(path);
      expect(answer.json()).toMatchObject({ status: 400, type: "urn:sigil:problem:query-invalid" });
      expect(typeof answer.json()["detail"]).toBe("string");
    });
  });

  describe("when events are asked for", () => {
    const spool = ulid();
    const events = Array.from({ length: 25 }, (_, at) => ({
      ts: `2026-05-10T07:00:${String(at).padStart(2, "0")}.000Z`,
      severity: at % 5 === 0 ? "high" : "info",
      evidence: { kind: at % 2 === 0 ? "file_change" : "sigil_future_kind", text: `Ω "${at}"` },
    }));
    let who: Credentials;
    beforeAll(async () => {
      who = await server.host("host-events", "eng");
      await server.send(daemon, who, { spool, events });
    });
    const walk = async (query: string) => {
      const found: Record<string, unknown>[] = [];
      let next: string | null = "";
      while (next !== null) {
        const cursor = next === "" ? "" : `&cursor=${encodeURIComponent(next)}`;
        const page = (await read(`/v1/events?host=host-events&${query}${cursor}`)).json();
        found.push(...(page["items"] as Record<string, unknown>[]));
        next = page["next"] as string | null;
      }
      return found;
    };

    it("gives each once, in order, whatever the page", async () => {
      for (const limit of [1, 7, 25, 1000]) {
        const found = await walk(`limit=${limit}`);
        expect(found.map(({ sequence }) => sequence)).toEqual(events.map((_, at) => at + 1));
        expect(found[0]).toMatchObject({ spool_id: spool, event: { host_id: "host-events" } });
      }
    });

    it("filters by kind, severity and time", async () => {
      expect(await walk("kind=sigil_future_kind")).toHaveLength(12);
      expect(await walk("kind=sigil_future_kind&kind=file_change")).toHaveLength(25);
      expect(await walk("severity=high&severity=warn")).toHaveLength(5);
      expect(await walk("since=2026-05-10T07:00:10Z&until=2026-05-10T07:00:20.000Z")).toHaveLength(
        10,
      );
      expect(
        await walk("since=2026-05-10T09:00:10%2B02:00&until=2026-05-10T07:00:20.000Z"),
      ).toHaveLength(10);
      expect((await read("/v1/events?host=nobody")).json()).toEqual({ items: [], next: null });
    });

    it("gives the lines as they came, for those who want lines", async () => {
      const answer = await read("/v1/events?host=host-events&format=jsonl&limit=10");
      expect(answer.headers["content-type"]).toMatch(/^application\/jsonl/);
      const lines = answer.text.trimEnd().split("\n");
      expect(lines).toHaveLength(10);
      expect(JSON.parse(lines[3] ?? "")).toMatchObject({ evidence: { text: 'Ω "3"' } });
      const rest = await read(
        `/v1/events?host=host-events&format=jsonl&cursor=${String(answer.headers["sigil-next"])}`,
      );
      expect(rest.text.trimEnd().split("\n")).toHaveLength(15);
      expect(rest.headers["sigil-next"]).toBeUndefined();
    });

    it("ends a page early when it has grown large, and goes on there", async () => {
      const large = await server.host("host-large");
      const heavy = Array.from({ length: 120 }, () => ({
        evidence: { kind: "x", text: "y".repeat(2000) },
      }));
      await server.send(daemon, large, { events: heavy });
      const page = (await read("/v1/events?host=host-large&limit=1000")).json();
      expect((page["items"] as unknown[]).length).toBe(50);
      expect(page["next"]).not.toBeNull();
    });
  });

  describe("when hosts are asked for", () => {
    it("lists those that sent and those that were only enrolled, each once", async () => {
      for (const name of ["a-silent", "m-silent", "z-silent"]) await server.host(name, "ops");
      for (const name of ["b-sent", "y-sent"])
        await server.send(daemon, await server.host(name, "eng"), { events: [{}] });
      const all = (await read("/v1/hosts?limit=1000")).json()["items"] as { host_id: string }[];
      for (const limit of [1, 2, 3, 100]) {
        const names: string[] = [];
        let next: string | null = "";
        while (next !== null) {
          const cursor = next === "" ? "" : `&cursor=${encodeURIComponent(next)}`;
          const page = (await read(`/v1/hosts?limit=${limit}${cursor}`)).json();
          names.push(...(page["items"] as { host_id: string }[]).map(({ host_id }) => host_id));
          next = page["next"] as string | null;
        }
        expect(names).toEqual(all.map(({ host_id }) => host_id));
        expect(new Set(names).size).toBe(names.length);
      }
      expect(all).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            host_id: "m-silent",
            group: "ops",
            last_seen: null,
            silent: true,
          }),
          expect.objectContaining({ host_id: "y-sent", group: "eng", events: 1 }),
        ]),
      );
    });

    it("shows one with its certificates and its ledger, however it is spelled", async () => {
      const name = "büro/1 %2f".replace(" ", "-");
      const who = await server.host(name, "eng");
      await server.send(daemon, who, { first: 5, events: [{}] });
      const path = `/v1/hosts/${encodeURIComponent(name)}`;
      const host = (await read(path)).json();
      expect(host).toMatchObject({ host_id: name, irregular: true });
      expect(host["certificates"]).toMatchObject([{ serial: who.serial, revoked_at: null }]);
      expect((await read(`${path}/ledger`)).json()).toMatchObject({
        host_id: name,
        spools: [
          { high_water: 0, highest: 5, gaps: [{ from: 1, to: 4, reason: "missing_batch" }] },
        ],
      });
    });

    it("knows nothing of others", async () => {
      for (const path of [
        "/v1/hosts/nobody",
        "/v1/hosts/nobody/ledger",
        "/v1/hosts/%ff",
        "/v1/nothing",
      ]) {
        const answer = await read(path);
        expect([400, 404]).toContain(answer.status);
        expect(answer.headers["content-type"]).toMatch(/problem\+json/);
      }
    });
  });

  describe("when risk and drift are asked for", () => {
    it("shows the latest of each guard file, and what was lost", async () => {
      const who = await server.host("host-risk");
      const subject = { kind: "path", value: "/home/a/.claude/settings.json" };
      const risk = (score: number) => ({
        subject,
        evidence: {
          kind: "ai_guard_risk_assessed",
          tool: "claude-code",
          scope: "user-global",
          score,
          band: "critical",
          reasons: [],
        },
      });
      const drift = {
        subject,
        severity: "high",
        evidence: { kind: "ai_guard_drift", tool: "claude-code" },
      };
      await server.send(daemon, who, { events: [risk(3), risk(7.5), drift] });
      const items = (await read("/v1/risk?host=host-risk")).json()["items"];
      expect(items).toMatchObject([{ tool: "claude-code", scope: "user-global", score: 7.5 }]);
      expect((await read("/v1/risk?host=host-risk&min_score=8")).json()["items"]).toEqual([]);
      const drifts = (await read("/v1/drift?host=host-risk")).json()["items"];
      expect(drifts).toMatchObject([
        { sequence: 3, event: { evidence: { kind: "ai_guard_drift" } } },
      ]);
    });
  });

  describe("when a host is enrolled", () => {
    const enroll = (body: unknown, secret: string) =>
      server.ask(`${daemon.api}/v1/enroll`, {
        method: "POST",
        headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
        body: typeof body === "string" ? body : JSON.stringify(body),
      });

    it("gets a certificate that the ingest takes, in the token's group", async () => {
      const secret = server.token(["enroll"], { group: "lab", uses_left: 1 });
      const { csr, key } = await csrOf("new-host");
      const answer = await enroll({ csr }, secret);
      expect(answer.status).toBe(201);
      const { certificate, ca, group, serial } = answer.json() as Record<string, string>;
      expect([ca, group]).toEqual([server.authority.caPem, "lab"]);
      expect(new X509Certificate(certificate ?? "").subjectAltName).toBe("URI:sigil:host:new-host");
      const hello = await server.ask(`${daemon.ingest}/v1/hello`, { cert: certificate ?? "", key });
      expect(hello.json()).toMatchObject({ host_id: "new-host", group: "lab" });
      expect(server.withRegistry((registry) => registry.certificate(serial ?? ""))).toMatchObject({
        kind: "good",
      });
    });

    it("needs a token with a use left", async () => {
      const secret = server.token(["enroll"], { uses_left: 2 });
      const asks = ["e1", "e2", "e3", "e4"].map(async (name) => enroll(await csrOf(name), secret));
      // The key beside the request is not part of the protocol.
      expect((await Promise.all(asks)).map(({ status }) => status)).toEqual([400, 400, 400, 400]);
      const clean = ["e1", "e2", "e3", "e4"].map(async (name) =>
        enroll({ csr: (await csrOf(name)).csr }, secret),
      );
      const statuses = (await Promise.all(clean)).map(({ status }) => status);
      expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 201, 403, 403]);
    });

    it("cannot take the name of a host that has a certificate, unless the token allows it", async () => {
      await server.host("taken");
      const [plain, replacing] = [
        server.token(["enroll"]),
        server.token(["enroll"], { replace: true }),
      ];
      const { csr } = await csrOf("taken");
      expect((await enroll({ csr }, plain)).json()).toMatchObject({
        status: 403,
        type: "urn:sigil:problem:forbidden",
      });
      expect((await enroll({ csr }, replacing)).status).toBe(201);
      server.withRegistry((registry) => {
        for (const { serial } of registry.certificates({ host: "taken" }))
          registry.revoke(serial, "lost", new Date().toISOString());
      });
      expect((await enroll({ csr }, plain)).status).toBe(201);
    });

    it("is one of two that ask for one name at once", async () => {
      const secret = server.token(["enroll"]);
      const asks = [1, 2, 3].map(async () => enroll({ csr: (await csrOf("raced")).csr }, secret));
      const statuses = (await Promise.all(asks)).map(({ status }) => status);
      expect(statuses.toSorted((a, b) => a - b)).toEqual([201, 403, 403]);
    });

    it.each([
      ["no JSON", "nonsense"],
      ["no request", "{}"],
      ["an array", "[]"],
      ["no PEM", '{"csr":"x"}'],
      ["too much", JSON.stringify({ csr: "x".repeat(40_000) })],
      ["deep", `${"[".repeat(20_000)}${"]".repeat(10)}`],
      ["a prototype", '{"__proto__":{"csr":"x"}}'],
    ])("is told what is wrong with its request: %s", async (_, body) => {
      const answer = await enroll(body, server.token(["enroll"]));
      expect([400, 413]).toContain(answer.status);
      expect(answer.headers["content-type"]).toMatch(/problem\+json/);
    });
  });

  describe("when policy is asked for", () => {
    const bytes = Buffer.from('{"schema_version":1,"roots":[],"policy":null}\n');
    const publish = (group: string, what: Buffer) =>
      server.withRegistry((registry) => registry.publish(group, what, new Date().toISOString()));
    const policy = (who: Credentials, headers: Record<string, string> = {}) =>
      server.ask(`${daemon.ingest}/v1/policy`, { cert: who.cert, key: who.key, headers });

    it("is what was published for the host's group, else for default, else nothing", async () => {
      const [eng, ops] = [await server.host("p-eng", "p-eng"), await server.host("p-ops", "p-ops")];
      expect((await policy(eng)).json()).toMatchObject({ type: "urn:sigil:problem:not-found" });
      publish("default", Buffer.from("default"));
      publish("p-eng", bytes);
      expect((await policy(eng)).bytes).toEqual(bytes);
      expect((await policy(ops)).text).toBe("default");
      server.withRegistry((registry) => registry.unpublish("default"));
      expect((await policy(ops)).status).toBe(404);
    });

    it("is not sent again while it holds", async () => {
      const who = await server.host("p-etag", "p-etag");
      publish("p-etag", bytes);
      const first = await policy(who);
      const etag = String(first.headers["etag"]);
      expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
      expect(first.headers["cache-control"]).toContain("no-cache");
      for (const held of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
        const again = await policy(who, { "if-none-match": held });
        expect([again.status, again.bytes.length]).toEqual([304, 0]);
      }
      expect((await policy(who, { "if-none-match": '"other"' })).status).toBe(200);
      publish("p-etag", Buffer.from("next"));
      expect((await policy(who, { "if-none-match": etag })).text).toBe("next");
    });

    it("is for hosts only", async () => {
      const answer = await read("/v1/policy");
      expect(answer.status).toBe(404);
    });
  });

  describe("when metrics are asked for", () => {
    it("is Prometheus' text, every sample declared", async () => {
      const answer = await read("/metrics");
      expect(answer.headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
      const declared = new Set(
        [...answer.text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name),
      );
      for (const line of answer.text
        .trimEnd()
        .split("\n")
        .filter((one) => !one.startsWith("#"))) {
        const [, name] =
          /^(\w+?)(?:_bucket|_sum|_count)?(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)+\})? -?[\d.e+-]+$/.exec(
            line,
          ) ?? [];
        expect(declared, line).toContain(name);
      }
      expect(answer.text).toMatch(/sigil_server_events_total\{outcome="accepted"\} \d+/);
      expect(answer.text).not.toContain("host-events");
    });
  });
});

describe("the API's limits", () => {
  it("stop one token's flood, and leave other tokens alone", async () => {
    const server = await prepareServer({ limits: { api_requests_per_minute: 5 } });
    try {
      const daemon = await server.start();
      const [busy, other] = [server.token(["read"]), server.token(["read"])];
      const ask = (secret: string) => server.read(`${daemon.api}/v1/hosts`, secret);
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask(busy)));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused.length).toBeGreaterThanOrEqual(2);
      expect(Number(refused[0]?.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      expect((await ask(other)).status).toBe(200);
    } finally {
      await server.end();
    }
  });

  it("give no certificates where hosts' certificates are another CA's", async () => {
    const first = await prepareServer();
    const server = await prepareServer({
      tls: { client_ca_file: first.files.authority.certificate },
    });
    try {
      const daemon = await server.start();
      const secret = server.token(["enroll"]);
      const headers = { authorization: `Bearer ${secret}`, "content-type": "application/json" };
      const ask = { method: "POST", headers, body: '{"csr":"x"}' };
      expect((await server.ask(`${daemon.api}/v1/enroll`, ask)).status).toBe(404);
    } finally {
      await server.end();
      await first.end();
    }
  });
});
