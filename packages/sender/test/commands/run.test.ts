import { readFileSync, rmSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import type { TLSSocket } from "node:tls";
import { decodeEvent } from "@sigil/core/plain";
import { createAuthority, eventually, type Authority } from "@sigil/testkit";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeHome, type Home, type Started } from "../kit/home.ts";
import { createReceiver, problem, type Receiver } from "../kit/receiver.ts";

let authority: Authority;
let home: Home;
let receiver: Receiver;
beforeAll(async () => {
  authority = await createAuthority();
});
beforeEach(async () => {
  home = makeHome();
  receiver = await createReceiver({ authority });
  await home.certify(authority, undefined, { notAfter: new Date(Date.now() + 90 * 86_400_000) });
  configure();
});
afterEach(async () => {
  await home.close();
  await receiver.close();
});

const configure = (more: object = {}) =>
  home.configure({
    server: { url: receiver.url },
    retry: { first_ms: 1, max_ms: 20 },
    read: { poll_ms: 20 },
    policy: { poll_s: 5 },
    ...more,
  });

const sent = (stream: "agent" | "sender"): string[] =>
  receiver.batches
    .filter(({ manifest }) => manifest.stream === stream)
    .flatMap(({ lines }) => [...lines]);

/** What the sender told of itself, as the server got it. */
const notes = () =>
  sent("sender").map((line) => {
    const decoded = decodeEvent(line);
    if (decoded.kind !== "event") throw new Error(decoded.why);
    return decoded.event;
  });

type StatusAnswer = {
  readonly running: boolean;
  readonly lag: { readonly agent: { readonly events: number } | null };
  readonly status: {
    readonly state: string;
    readonly ended_at: string | null;
    readonly conditions: readonly { readonly code: string }[];
    readonly policy: Record<string, unknown>;
  } | null;
};

async function status(): Promise<{ readonly code: number | null; readonly said: StatusAnswer }> {
  const { stdout, code } = await home.sender(["status", "--json"]);
  return { code, said: JSON.parse(stdout) as StatusAnswer };
}

/** As it is in the file, which a program of its own would be slow to read again and again. */
const written = () =>
  JSON.parse(readFileSync(`${home.stateDir}/status.json`, "utf8")) as NonNullable<
    StatusAnswer["status"]
  >;

async function begun(): Promise<Started> {
  const started = home.start(["run"]);
  await eventually(() => started.log().includes('"shipping"'));
  return started;
}

describe("run", () => {
  describe("when events come while it runs", () => {
    it("ships them, tells of itself, and says goodbye", async () => {
      await home.record(1, 10);
      const sender = await begun();
      await eventually(() => sent("agent").length === 10);
      await home.record(11, 20);
      await eventually(() => sent("agent").length === 20);
      expect(await sender.end()).toBe(0);
      const last = notes().at(-1);
      expect(last).toMatchObject({
        source: { kind: "sender" },
        subject: { kind: "self" },
        severity: "info",
        evidence: { kind: "sender_heartbeat", is_final: true, lag_events: 0 },
      });
      expect(sent("agent")).toHaveLength(20);
      expect(written()).toMatchObject({ ended_at: expect.any(String), conditions: [] });
      expect(statSync(`${home.stateDir}/status.json`).mode & 0o777).toBe(0o640);
    });
  });

  describe("when there is no spool yet", () => {
    it("waits for it", async () => {
      const sender = await begun();
      await eventually(() => written().conditions.some(({ code }) => code === "spool-absent"));
      await home.record(1, 3);
      await eventually(() => sent("agent").length === 3);
      expect(await sender.end()).toBe(0);
    });
  });

  describe("when another spool takes the place of the one it ships", () => {
    it("ships that one", async () => {
      await home.record(1, 3);
      const sender = await begun();
      await eventually(() => sent("agent").length === 3);
      rmSync(home.spoolDir, { recursive: true });
      await home.record(4, 6);
      await eventually(() => sent("agent").length === 6);
      expect(await sender.end()).toBe(0);
    });
  });

  describe("when another sender runs", () => {
    it("refuses with 4, and the first goes on", async () => {
      await home.record(1, 1);
      const sender = await begun();
      for (const command of ["run", "once"]) {
        const second = await home.sender([command]);
        expect(second.code).toBe(4);
        expect(second.stderr).toContain("[SIGIL_SENDER_RUNNING]");
        expect(second.stderr).toContain("hint: Stop the other one first");
      }
      await home.record(2, 2);
      await eventually(() => sent("agent").length === 2);
      expect(await sender.end()).toBe(0);
    });
  });

  describe("when the server refuses everything", () => {
    it("is up but not shipping, and says so", async () => {
      receiver.always = ({ res }) => problem(res, 403, "identity-mismatch");
      await home.record(1, 5);
      const sender = await begun();
      await eventually(() => written().conditions.some(({ code }) => code === "delivery-refused"));
      const { code, said } = await status();
      expect(code).toBe(1);
      expect(said.running).toBe(true);
      expect(said.lag.agent?.events).toBe(5);
      expect(said.status?.conditions.map((one) => one.code)).toContain("delivery-refused");
      const text = await home.sender(["status"]);
      expect(text.stdout).toContain("refused");
      expect(text.stdout).toContain("5 events");
      expect(await sender.end()).toBe(0);
      const after = await status();
      expect(after.said.running).toBe(false);
      expect(after.code).toBe(1);
    });
  });

  describe("when its certificate is replaced", () => {
    it("goes on with the new one, without a restart", async () => {
      await home.record(1, 1);
      const sender = await begun();
      await eventually(() => sent("agent").length === 1);
      const serials = new Set<string>();
      receiver.always = ({ req }, next) => {
        const socket = req.socket as unknown as TLSSocket;
        serials.add(socket.getPeerX509Certificate()?.serialNumber ?? "none");
        next();
      };
      await home.record(2, 2);
      await eventually(() => sent("agent").length === 2);
      await home.certify(authority, undefined, { serial: "4b1d" });
      await eventually(() => sender.log().includes("the certificate in use was replaced"));
      await home.record(3, 3);
      await eventually(() => sent("agent").length === 3);
      expect([...serials]).toEqual([expect.any(String), "4B1D"]);
      expect(await sender.end()).toBe(0);
    });
  });

  describe("when SIGHUP comes", () => {
    it("reads the configuration again, and keeps the last good one over a bad one", async () => {
      await home.record(1, 1);
      const sender = await begun();
      await eventually(() => sent("agent").length === 1);
      const second = await createReceiver({ authority });
      try {
        home.configure({ server: { url: receiver.url, nonsense: 1 } });
        sender.child.kill("SIGHUP");
        await eventually(() => written().conditions.some(({ code }) => code === "config-rejected"));
        await home.record(2, 2);
        await eventually(() => sent("agent").length === 2);
        configure({ server: { url: second.url } });
        sender.child.kill("SIGHUP");
        await eventually(() => sender.log().includes("was read again"));
        await home.record(3, 3);
        // The other server has nothing of the spool: it gets all of it.
        await eventually(
          () =>
            second.batches
              .filter(({ manifest }) => manifest.stream === "agent")
              .flatMap(({ lines }) => lines).length === 3,
        );
        expect(await sender.end()).toBe(0);
      } finally {
        await second.close();
      }
    });
  });

  describe("when the server has policy", () => {
    let agent: Server | null = null;
    afterEach(async () => {
      await new Promise((resolve) => (agent ? agent.close(resolve) : resolve(null)));
      agent = null;
    });

    it("hands its bytes to the agent, and reports what the agent said", async () => {
      receiver.policy = { etag: '"one"', bytes: "opaque \u0000 bytes" };
      const asked: { op: string; delivery?: string }[] = [];
      agent = createServer((socket) => {
        socket.setEncoding("utf8").once("data", (text: string) => {
          asked.push(JSON.parse(text) as (typeof asked)[number]);
          const value = { outcome: "applied", version: 7, policy_version: "signed:7" };
          socket.end(`${JSON.stringify({ ok: true, value })}\n`);
        });
      });
      home.dir.mkdir(".local/state/sigil");
      await new Promise<void>((resolve) => agent?.listen(home.control, resolve));
      const sender = await begun();
      await eventually(() => written().policy["outcome"] === "applied");
      expect(asked).toHaveLength(1);
      expect(asked[0]?.op).toBe("envelope");
      expect(Buffer.from(asked[0]?.delivery ?? "", "base64").toString()).toBe(
        "opaque \u0000 bytes",
      );
      expect(written().policy).toMatchObject({ etag: '"one"', version: 7 });
      expect((await home.sender(["status"])).stdout).toContain("version 7, applied at");
      expect(await sender.end()).toBe(0);
    });
  });
});
