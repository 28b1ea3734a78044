import { isHostId } from "@sigil/core/plain";
import { posix } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { listUsers, parseLaunchctl, parseSc, parseSystemctl } from "../src/index.ts";
import { parseDsclList, parseIoreg, parseSystemVersion } from "../src/darwin.ts";
import { parseLoginDefs, parseMachineId, parseOsRelease, parsePasswd } from "../src/linux.ts";
import { parseMachineGuid, parseProfileList } from "../src/win32.ts";
import { fakeRun, memoryFiles } from "./fake.ts";

const anyText = fc.string({ unit: "binary", maxLength: 200 });
const field = fc.oneof(anyText, fc.constantFrom("0", "1000", "/home/a", "/bin/sh", "", "..", "\0"));
const passwd = fc
  .array(fc.array(field, { minLength: 6, maxLength: 8 }).map((fields) => fields.join(":")))
  .map((lines) => lines.join("\n"));

describe("the parsers", () => {
  it("throw for no text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const parse of [
          parsePasswd,
          parseLoginDefs,
          parseMachineId,
          parseOsRelease,
          parseIoreg,
          parseDsclList,
          parseSystemVersion,
          parseMachineGuid,
          parseSystemctl,
          parseLaunchctl,
          parseSc,
        ]) {
          expect(() => parse(text)).not.toThrow();
        }
        expect(() => parseProfileList(text, {})).not.toThrow();
      }),
      { numRuns: 300 },
    );
  });
});

describe("listUsers", () => {
  it("gives only absolute, clean, distinct homes below the root, for any passwd", async () => {
    await fc.assert(
      fc.asyncProperty(passwd, async (text) => {
        const files = memoryFiles({ "/etc/passwd": text });
        const everywhere = {
          ...files,
          directory: async () => ({ uid: 0, gid: 0, mode: 0o755 }),
        };
        const source = { files: everywhere, run: fakeRun(), env: {} };
        const { users } = await listUsers({ platform: "linux", source });
        const homes = users.map(({ home }) => home);
        expect(new Set(homes).size).toBe(homes.length);
        for (const home of homes) {
          expect(posix.isAbsolute(home) && home !== "/" && posix.normalize(home) === home).toBe(
            true,
          );
          expect(home).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("isHostId", () => {
  it("holds for printable ASCII without blanks up to 128, and for nothing with a blank", () => {
    const printable = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 1,
      maxLength: 128,
    });
    fc.assert(
      fc.property(printable, (text) => isHostId(text)),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(anyText, anyText, (a, b) => !isHostId(`${a} ${b}`)),
      { numRuns: 200 },
    );
  });
});
