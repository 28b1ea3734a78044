import { readFileSync, symlinkSync } from "node:fs";
import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openChain } from "../src/chain.ts";

const SPOOL = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const link = (digit: string) => `blake3:${digit.repeat(64)}`;
let dir: TempDir;
beforeEach(() => void (dir = tempDir()));
afterEach(() => dir.remove());
const open = () => openChain(dir.path, SPOOL);

describe("openChain", () => {
  describe("when a crash came between the chain and the checkpoint", () => {
    it("still knows the batch the checkpoint is at", async () => {
      const chain = await open();
      await chain.remember(10, link("a"));
      await chain.remember(20, link("b"));
      await chain.remember(30, link("c"));
      const again = await open();
      expect([again.at(10), again.at(20), again.at(30)]).toEqual([null, link("b"), link("c")]);
    });
  });

  describe("when the spool was read again from an earlier place", () => {
    it("forgets what came after it", async () => {
      const chain = await open();
      await chain.remember(10, link("a"));
      await chain.remember(20, link("b"));
      await chain.remember(15, link("c"));
      expect([chain.at(10), chain.at(15), chain.at(20)]).toEqual([link("a"), link("c"), null]);
    });
  });

  describe("when the file is not what it wrote", () => {
    const files: Record<string, string> = {
      "cut short": '{"schema_version":1,"spo',
      "another spool's": JSON.stringify({
        schema_version: 1,
        spool_id: "01BX5ZZKBKACTAV9WEVGEMMVRZ",
        links: [{ sequence: 1, chain: link("a") }],
      }),
      "not a chain": JSON.stringify({
        schema_version: 1,
        spool_id: SPOOL,
        links: [{ sequence: 1, chain: "x" }],
      }),
      large: " ".repeat(5000),
    };
    for (const [name, text] of Object.entries(files)) {
      it(`remembers nothing of one that is ${name}`, async () => {
        dir.write("chain.json", text);
        const chain = await open();
        expect(chain.at(1)).toBeNull();
        await chain.remember(2, link("b"));
        expect((await open()).at(2)).toBe(link("b"));
      });
    }

    it("does not read through a link, and replaces it", async () => {
      const other = await openChain(dir.mkdir("other"), SPOOL);
      await other.remember(1, link("a"));
      const before = readFileSync(dir.at("other", "chain.json"), "utf8");
      symlinkSync(dir.at("other", "chain.json"), dir.at("chain.json"));
      const chain = await open();
      expect(chain.at(1)).toBeNull();
      await chain.remember(2, link("b"));
      expect(readFileSync(dir.at("other", "chain.json"), "utf8")).toBe(before);
    });
  });

  describe("when it cannot be written", () => {
    it("says so and remembers nothing new", async () => {
      const chain = await openChain(dir.at("nowhere"), SPOOL);
      await expect(chain.remember(1, link("a"))).rejects.toMatchObject({
        code: "SIGIL_SENDER_CHAIN",
      });
      expect(chain.at(1)).toBeNull();
    });
  });
});
