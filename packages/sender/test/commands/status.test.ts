import { chmodSync } from "node:fs";
import { createAuthority } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome, type Home } from "../kit/home.ts";
import { createReceiver } from "../kit/receiver.ts";

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.close());

describe("status", () => {
  describe("when no sender runs", () => {
    it("is fine with 0 where there is nothing to ship", async () => {
      const { stdout, code } = await home.sender(["status"]);
      expect(stdout).toMatch(/^sender +not running$/m);
      expect(code).toBe(0);
    });

    it("says how much waits, and ends with 1", async () => {
      await home.record(1, 7);
      const { stdout, code } = await home.sender(["status"]);
      expect(stdout).toMatch(/^agent's events +7 events, [\d.]+ KiB to deliver, the oldest \d+ d/m);
      expect(code).toBe(1);
      const json = JSON.parse((await home.sender(["status", "--json"])).stdout) as unknown;
      expect(json).toMatchObject({ running: false, status: null, lag: { agent: { events: 7 } } });
    });

    it("says so without a server or a certificate configured, but not with a bad file", async () => {
      home.configure({ servr: 1 });
      expect((await home.sender(["status"])).code).toBe(3);
      expect((await home.sender(["--config", "/nowhere", "status"])).code).toBe(3);
    });
  });

  describe("when everything was shipped", () => {
    it("says that all is delivered", async () => {
      const authority = await createAuthority();
      const receiver = await createReceiver({ authority });
      await home.certify(authority);
      home.configure({ server: { url: receiver.url } });
      await home.record(1, 7);
      expect((await home.sender(["once"])).code).toBe(0);
      const { stdout, code } = await home.sender(["status"]);
      expect(stdout).toMatch(/^agent's events +all delivered$/m);
      expect(code).toBe(0);
      await receiver.close();
    });
  });

  describe("when the spool cannot be read", () => {
    it("does not fail", async () => {
      await home.record(1, 2);
      chmodSync(home.spoolDir, 0o000);
      const { code } = await home.sender(["status"]);
      chmodSync(home.spoolDir, 0o750);
      expect([0, 1]).toContain(code);
    });
  });
});
