import { createAuthority, type Authority } from "@sigil/testkit";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeHome, type Home } from "../kit/home.ts";
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
  await home.certify(authority);
  home.configure({ server: { url: receiver.url }, retry: { first_ms: 1, max_ms: 2 } });
});
afterEach(async () => {
  await home.close();
  await receiver.close();
});

const linesOf = (): string[] =>
  receiver.batches
    .filter(({ manifest }) => manifest.stream === "agent")
    .flatMap(({ lines }) => [...lines]);

describe("once", () => {
  describe("when there is something to ship", () => {
    it("delivers all of it and ends with 0", async () => {
      await home.record(1, 250);
      const outcome = await home.sender(["once"]);
      expect(outcome).toEqual({ stdout: "250 events delivered\n", stderr: "", code: 0 });
      expect(linesOf()).toHaveLength(250);
      const again = await home.sender(["once", "--json"]);
      expect(JSON.parse(again.stdout)).toMatchObject({ drained: true, delivered: 0 });
      expect(linesOf()).toHaveLength(250);
    });
  });

  describe("when the server refuses", () => {
    it("ends with 1, says why, and keeps everything", async () => {
      await home.record(1, 5);
      receiver.always = ({ res }) => problem(res, 503, "overloaded");
      const outcome = await home.sender(["once", "--attempts", "2"]);
      expect(outcome.code).toBe(1);
      expect(outcome.stdout).toBe("0 events delivered\n");
      expect(outcome.stderr).toContain("not everything is delivered (overloaded");
      receiver.always = null;
      expect((await home.sender(["once"])).code).toBe(0);
    });
  });

  describe("when nothing can be shipped at all", () => {
    it("ends with 4 where there is no spool", async () => {
      const outcome = await home.sender(["once"]);
      expect(outcome.code).toBe(4);
      expect(outcome.stderr).toContain("[SIGIL_SPOOL_ABSENT]");
      expect(outcome.stderr).toContain("hint: `sigil run` makes it");
    });

    it.each([
      ["no server", () => home.configure({}), "SIGIL_SENDER_SERVER_MISSING"],
      ["an unknown key", () => home.configure({ servr: {} }), "SIGIL_CONFIG_UNKNOWN_KEY"],
      [
        "no certificate",
        () => home.dir.write(".config/sigil/tls/host.pem", ""),
        "SIGIL_SENDER_CERTIFICATE",
      ],
    ])("ends with 3 for %s", async (_what, spoil, code) => {
      await home.record(1, 1);
      spoil();
      const outcome = await home.sender(["once"]);
      expect(outcome.stderr).toContain(`[${code}]`);
      expect(outcome.code).toBe(3);
    });
  });
});
