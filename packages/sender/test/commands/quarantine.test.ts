import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { openQuarantine } from "@sigil/spool";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeHome, type Home } from "../kit/home.ts";

let home: Home;
beforeEach(() => {
  home = makeHome();
});
afterEach(() => home.close());

const clock = { now: () => Date.parse("2026-05-10T07:14:32.512Z") };

async function refuse(name: string, ...payloads: readonly string[]): Promise<void> {
  home.dir.mkdir(".local/state/sigil/sender");
  const quarantine = await openQuarantine({ dir: `${home.stateDir}/${name}`, clock });
  for (const [at, payload] of payloads.entries())
    await quarantine.put({
      sequence: at + 5,
      reason: "host_id_mismatch",
      payload: Buffer.from(payload),
    });
}

describe("quarantine", () => {
  describe("when nothing was refused", () => {
    it("says so and makes nothing", async () => {
      expect(await home.sender(["quarantine", "list"])).toEqual({
        stdout: "nothing was refused\n",
        stderr: "",
        code: 0,
      });
      expect((await home.sender(["quarantine", "list", "--json"])).stdout).toBe("[]\n");
      expect(existsSync(home.stateDir)).toBe(false);
    });
  });

  describe("when events were refused", () => {
    beforeEach(async () => {
      await refuse("quarantine", '{"a":1}', "second \u001b[31m line");
      await refuse("notes-quarantine", '{"note":1}');
    });

    it("lists them, of both streams", async () => {
      const { stdout, code } = await home.sender(["quarantine", "list"]);
      expect(code).toBe(0);
      expect(stdout.split("\n")[0]).toMatch(
        /^agent\/0{11}1\.entry +2026-05-10T07:14:32\.512Z +sequence 5 +7 B +host_id_mismatch$/,
      );
      const { stdout: json } = await home.sender(["quarantine", "list", "--json"]);
      expect(JSON.parse(json)).toMatchObject([
        { id: "agent/000000000001.entry", stream: "agent", sequence: 5 },
        { id: "agent/000000000002.entry", stream: "agent", sequence: 6 },
        { id: "sender/000000000001.entry", stream: "sender", sequence: 5 },
      ]);
    });

    it("shows one, with nothing that moves the cursor", async () => {
      const { stdout } = await home.sender(["quarantine", "show", "agent/000000000002.entry"]);
      expect(stdout).toContain("host_id_mismatch");
      expect(stdout).toContain("second \\u001b[31m line");
      const args = ["quarantine", "show", "sender/000000000001.entry", "--json"];
      const { stdout: json } = await home.sender(args);
      expect(JSON.parse(json)).toMatchObject({ stream: "sender", payload: '{"note":1}' });
    });

    it.each(["agent/9.entry", "nobody/000000000001.entry", "../../x", "000000000001.entry"])(
      "has no entry %s",
      async (id) => {
        const { stderr, code } = await home.sender(["quarantine", "show", id]);
        expect(stderr).toContain("[SIGIL_SENDER_QUARANTINE_ENTRY]");
        expect(code).toBe(4);
      },
    );

    it("exports the very lines, to a new file only", async () => {
      const lines = '{"a":1}\nsecond \u001b[31m line\n{"note":1}\n';
      expect((await home.sender(["quarantine", "export"])).stdout).toBe(lines);
      const file = home.dir.at("refused.jsonl");
      const first = await home.sender(["quarantine", "export", "--output", file]);
      expect(first).toEqual({ stdout: "", stderr: `sigil-sender: 3 events in ${file}\n`, code: 0 });
      expect(readFileSync(file, "utf8")).toBe(lines);
      const second = await home.sender(["quarantine", "export", "--output", file]);
      expect(second.code).toBe(2);
      expect(second.stderr).toContain("is there already");
    });

    it("leaves alone what a running sender is just writing", async () => {
      const half = `${home.stateDir}/quarantine/.000000000003.entry.tmp`;
      writeFileSync(half, "half");
      await home.sender(["quarantine", "list"]);
      expect(readdirSync(`${home.stateDir}/quarantine`)).toContain(".000000000003.entry.tmp");
    });
  });
});
