import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_SETTINGS, policySchema } from "@sigil/core";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { generateBaseline } from "../../scripts/gen/baseline.ts";
import { VARIABLES } from "../../scripts/gen/cli.ts";
import { ERROR_TABLES } from "../../scripts/gen/errors.ts";
import { staleFiles, writeFiles } from "../../scripts/gen/files.ts";
import { generateDefaults } from "../../scripts/gen/defaults.ts";
import { EXAMPLE, generateReference, REFERENCE } from "../../scripts/gen/reference.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => readFile(join(ROOT, file), "utf8");

describe("generated files", () => {
  it("are current: run `npm run gen` when this fails", async () => {
    const wanted = new Map([
      ...(await generateBaseline(ROOT)),
      ...generateDefaults(),
      ...generateReference(ROOT),
    ]);
    expect(await staleFiles(ROOT, wanted, [REFERENCE])).toEqual([]);
  });

  it("come out the same twice", () => {
    expect([...generateReference(ROOT)]).toEqual([...generateReference(ROOT)]);
  });
});

describe("staleFiles", () => {
  let root: string;
  beforeEach(async () => (root = await mkdtemp(join(tmpdir(), "sigil-gen-"))));
  afterEach(() => rm(root, { recursive: true, force: true }));

  it("names what is missing, what differs and what nothing generates", async () => {
    await mkdir(join(root, "out"));
    await writeFile(join(root, "out/same"), "a\r\nb\r\n");
    await writeFile(join(root, "out/old"), "old\n");
    await writeFile(join(root, "out/orphan"), "");
    const wanted = new Map([
      ["out/same", "a\nb\n"],
      ["out/old", "new\n"],
      ["out/new", "new\n"],
    ]);
    const stale = ["out/new", "out/old", "out/orphan"];
    expect(await staleFiles(root, wanted, ["out"])).toEqual(stale);
    expect(await writeFiles(root, wanted, ["out"])).toEqual(stale);
    expect(await staleFiles(root, wanted, ["out"])).toEqual([]);
    expect((await readdir(join(root, "out"))).toSorted()).toEqual(["new", "old", "same"]);
  });
});

describe("error codes", () => {
  const known = new Set(ERROR_TABLES.flatMap(({ errors }) => Object.keys(errors)));
  /** Tokens of policy paths look like variables and are none that the program reads. */
  const tokens = new Set(["SIGIL_PROJECT"]);

  it("are each in one table only", () => {
    const all = ERROR_TABLES.flatMap(({ errors }) => Object.keys(errors));
    expect(all.toSorted()).toEqual([...known].toSorted());
  });

  it("that the packages use are in a table, and what else looks like one is a documented variable", async () => {
    const unknown: string[] = [];
    for (const [file, text] of await sources()) {
      for (const [, name = ""] of text.matchAll(/["'`](SIGIL_[A-Z0-9_]*[A-Z0-9])["'`]/g)) {
        if (!known.has(name) && !(name in VARIABLES) && !tokens.has(name))
          unknown.push(`${file}: ${name}`);
      }
    }
    expect(unknown).toEqual([]);
  });

  it("that stand in a table are used", async () => {
    const text = [...(await sources()).values()].join("\n");
    const unused = [...known].filter((code) => !new RegExp(`["'\`]${code}["'\`]`).test(text));
    expect(unused).toEqual([]);
  });

  it("and variables are documented", async () => {
    const errors = await read(`${REFERENCE}/errors.md`);
    expect([...known].filter((code) => !errors.includes(`\`${code}\``))).toEqual([]);
    const cli = await read(`${REFERENCE}/cli.md`);
    expect(Object.keys(VARIABLES).filter((name) => !cli.includes(`\`${name}\``))).toEqual([]);
  });
});

describe("the committed JSON Schemas", () => {
  it("accept every golden event and refuse one with a field missing", async () => {
    const accepts = await validator("schema/event.schema.json");
    const golden = "test/contract/golden";
    for (const name of await readdir(join(ROOT, golden))) {
      for (const line of (await read(join(golden, name))).trimEnd().split("\n")) {
        const event = JSON.parse(line) as Record<string, unknown>;
        expect(accepts(event), `${name}: ${JSON.stringify(accepts.errors)}`).toBe(true);
        expect(accepts({ ...event, evidence: undefined })).toBe(false);
      }
    }
  });

  it("accept the policies of this repository and refuse an unknown key", async () => {
    const accepts = await validator("schema/policy.schema.json");
    const files = ["common", "linux", "macos", "windows"].map(
      (name) => `policies/baseline/${name}.yaml`,
    );
    for (const file of [...files, "policies/examples/policy.example.yaml", EXAMPLE]) {
      const policy = parseYaml(await read(file)) as object;
      expect(accepts(policy), `${file}: ${JSON.stringify(accepts.errors)}`).toBe(true);
      expect(accepts({ ...policy, target: [] })).toBe(false);
    }
  });
});

describe("the example policy", () => {
  it("sets nothing as it stands", async () => {
    expect(parseYaml(await read(EXAMPLE))).toEqual({ version: 1 });
  });

  it("holds every setting at its default when its lines are taken in", async () => {
    const text = (await read(EXAMPLE)).replace(/^# /gm, "");
    const policy = policySchema.parse(parseYaml(text));
    expect(policy.settings).toEqual(DEFAULT_SETTINGS);
    const given = parseYaml(text) as { settings: Record<string, Record<string, unknown>> };
    expect(given.settings).toEqual(DEFAULT_SETTINGS);
  });
});

/** Every source file of every package, by path below `packages/`. */
async function sources(): Promise<Map<string, string>> {
  const names = await readdir(join(ROOT, "packages"), { recursive: true });
  const files = names.filter((name) => /^[^/\\]+[/\\]src[/\\].*\.ts$/.test(name));
  return new Map(
    await Promise.all(
      files.map(async (file) => [file, await read(join("packages", file))] as const),
    ),
  );
}

async function validator(file: string) {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  formats.default(ajv);
  return ajv.compile(JSON.parse(await read(file)) as object);
}
