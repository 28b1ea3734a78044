import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  BASELINE_OUTPUT,
  BASELINE_SOURCES,
  generateBaseline,
} from "../../../../scripts/gen/baseline.ts";

const REPOSITORY = join(import.meta.dirname, "../../../..");

describe("the generated baseline", () => {
  it("is current: run `pnpm gen` when this fails", async () => {
    const generated = await generateBaseline(REPOSITORY);
    expect([...generated.keys()]).toEqual([BASELINE_OUTPUT]);
    expect(await readFile(join(REPOSITORY, BASELINE_OUTPUT), "utf8")).toBe(
      generated.get(BASELINE_OUTPUT),
    );
  });
});

describe("generateBaseline", () => {
  let root: string;
  const source = (index: number) => join(root, BASELINE_SOURCES[index] ?? "");
  const edit = async (index: number, change: (text: string) => string) =>
    writeFile(source(index), change(await readFile(source(index), "utf8")));
  const output = async () => (await generateBaseline(root)).get(BASELINE_OUTPUT);

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), "sigil-baseline-"));
    await cp(join(REPOSITORY, "policies"), join(root, "policies"), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("gives the same bytes for a checkout with CRLF", async () => {
    const before = await output();
    await edit(0, (text) => text.replaceAll("\n", "\r\n"));
    expect(await output()).toBe(before);
  });

  it("changes the revision with a comment", async () => {
    const before = await output();
    await edit(3, (text) => `${text}# reviewed\n`);
    expect(await output()).not.toBe(before);
  });

  it.each([
    ["an unknown key", (text: string) => text.replace("tier:", "teir:"), /common\.yaml.*teir/s],
    ["a duplicate key", (text: string) => `${text}version: 1\n`, /common\.yaml/],
    [
      "a setting",
      (text: string) => `${text}workspaces: ["~/code"]\n`,
      /targets only, not workspaces/,
    ],
    ["no policy at all", () => "- a\n", /common\.yaml/],
  ])("refuses a source with %s", async (_what, change, message) => {
    await edit(0, change);
    await expect(generateBaseline(root)).rejects.toThrow(message);
  });
});
