import {
  chmodSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CAN_SWITCH_USER, complaint, host, jsonLines, NOBODY, type Host } from "./runner.ts";

const SPOOL = ".local/state/sigil/events";

let here: Host;
beforeAll(async () => {
  here = host();
  here.write(".claude/settings.json", "{}");
  here.write(".bashrc", "");
  const agent = await here.agent();
  await agent.stop();
});
afterAll(() => here.close());

function segment(): string {
  const name = readdirSync(here.at(SPOOL)).find((one) => one.endsWith(".jsonl"));
  return here.at(SPOOL, name ?? "");
}

describe("spool verify", () => {
  it("finds a fresh spool sound", async () => {
    const { code, stdout, stderr } = await here.sigil(["spool", "verify"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(
      /: sound; 1 segment, \d+ lines, [\d.]+ KiB\n {2}spool [0-9A-Z]{26}, seq/,
    );
    const json = await here.sigil(["spool", "verify", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: true, faults: [], segments: 1 });
  });

  it("fails where there is none", async () => {
    const outcome = await here.sigil(["--events-dir", "nowhere", "spool", "verify"]);
    expect(outcome).toMatchObject({ code: 4, stdout: "" });
    expect(complaint(outcome)).toMatchObject({
      code: "SIGIL_SPOOL_ABSENT",
      hint: "`sigil run` makes it; --events-dir names another",
    });
  });
});

describe("spool export", () => {
  it("prints what was recorded, in order", async () => {
    const { code, stdout, stderr } = await here.sigil(["spool", "export"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toBe(readFileSync(segment(), "utf8"));
  });

  it("prints a range", async () => {
    const all = (await here.sigil(["spool", "export"])).stdout.split("\n");
    const some = await here.sigil(["spool", "export", "--from", "2", "--to", "3"]);
    expect(some.stdout).toBe(`${all.slice(1, 3).join("\n")}\n`);
  });

  it("writes a new file, 0640, and never over one", async () => {
    const { code, stdout, stderr } = await here.sigil(["spool", "export", "--output", "out.jsonl"]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
    const written = readFileSync(here.at("out.jsonl"), "utf8");
    expect(written).toBe(readFileSync(segment(), "utf8"));
    expect(stderr).toBe(`sigil: ${jsonLines(written).length} events in out.jsonl\n`);
    expect(statSync(here.at("out.jsonl")).mode & 0o777).toBe(0o640);
    writeFileSync(here.at("theirs"), "theirs");
    symlinkSync(here.at("theirs"), here.at("link"));
    for (const file of ["theirs", "link"]) {
      const outcome = await here.sigil(["spool", "export", "--output", file]);
      expect(outcome).toMatchObject({ code: 2, stdout: "" });
      expect(complaint(outcome).error).toBe(`${file} is there already`);
    }
    expect(readFileSync(here.at("theirs"), "utf8")).toBe("theirs");
  });

  it("leaves no file behind when there is nothing to export", async () => {
    const args = ["--events-dir", "nowhere", "spool", "export", "--output", "none.jsonl"];
    expect((await here.sigil(args)).code).toBe(4);
    expect(() => statSync(here.at("none.jsonl"))).toThrow("ENOENT");
  });

  it("ends quietly when its reader goes away", async () => {
    const started = here.start(["spool", "export"]);
    started.child.stdout?.destroy();
    expect(await started.ended).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a spool with a flipped byte", () => {
  beforeAll(() => {
    const bytes = readFileSync(segment());
    const at = bytes.indexOf("\n") + 40;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(segment(), bytes);
  });

  it("is told by verify, exit 1", async () => {
    const { code, stdout } = await here.sigil(["spool", "verify"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^line_corrupt +\d{20}:2 /m);
    const json = await here.sigil(["spool", "verify", "--json"]);
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false });
  });

  it("is told by export and show events on standard error, and costs one line", async () => {
    const exported = await here.sigil(["spool", "export"]);
    expect(exported.code).toBe(0);
    expect(exported.stderr).toBe("sigil: sequence 2 is not there (corrupt)\n");
    const shown = await here.sigil(["show", "events", "-n", "1000", "--json"]);
    expect(shown.stdout).toBe(exported.stdout);
    expect(shown.stderr).toBe("sigil: event 2 cannot be read (corrupt)\n");
  });

  it("is a warning of doctor", async () => {
    const { code, stdout } = await here.sigil(["doctor"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^warning +Spool +1 line of the newest cannot be read$/m);
  });

  it("is a warning of doctor too when nothing can be read, or the newest line", async () => {
    const index = segment().replace(/jsonl$/, "idx");
    const sound = readFileSync(index);
    for (const damaged of [Buffer.alloc(0), Buffer.from(sound).fill(0, sound.length - 12)]) {
      writeFileSync(index, damaged);
      const { code, stdout } = await here.sigil(["doctor"]);
      expect(code).toBe(1);
      expect(stdout).toMatch(/^warning +Spool +\d+ lines of the newest cannot be read$/m);
    }
    writeFileSync(index, sound);
  });
});

describe("spool repair", () => {
  it("says what it would do and does nothing, then does it", async () => {
    const before = readFileSync(segment());
    const manifest = segment().replace(/jsonl$/, "manifest.json");
    writeFileSync(manifest, "{");
    const dry = await here.sigil(["spool", "repair", "--dry-run"]);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(/^manifest_quarantined +\d{20} /m);
    expect(dry.stderr).toContain("nothing was changed");
    expect(readFileSync(manifest, "utf8")).toBe("{");
    const json = await here.sigil(["spool", "repair", "--json"]);
    expect(json.code).toBe(0);
    expect(JSON.parse(json.stdout)).toMatchObject({
      dry_run: false,
      actions: expect.arrayContaining([expect.objectContaining({ kind: "manifest_quarantined" })]),
    });
    expect(JSON.parse(readFileSync(manifest, "utf8"))).toHaveProperty("spool_id");
    expect(readFileSync(segment())).toEqual(before);
  });

  it("mends a spool so that an agent takes it again", async () => {
    writeFileSync(here.at(SPOOL, "spool.json"), "garbage");
    expect((await here.sigil(["spool", "repair"])).code).toBe(0);
    const agent = await here.agent();
    expect((await agent.stop()).code).toBe(0);
  });

  it("has nothing to do for a sound spool", async () => {
    const sound = host();
    await (await sound.agent()).stop();
    const outcome = await sound.sigil(["spool", "repair"]);
    expect(outcome).toMatchObject({ code: 0, stdout: "nothing to repair\n", stderr: "" });
    await sound.close();
  });
});

// Only root can make files of two other users.
describe.runIf(CAN_SWITCH_USER)("a spool directory of another user", () => {
  it("is refused by agent and tools", async () => {
    // The agent of one user pointed at what belongs to a third: neither its own nor root's.
    const theirs = host(NOBODY);
    const other = host(NOBODY - 1);
    chmodSync(other.path, 0o755);
    for (const args of [
      ["run", "--duration", "5"],
      ["spool", "verify"],
      ["show", "events"],
    ]) {
      const outcome = await theirs.sigil(["--events-dir", other.path, ...args], { uid: NOBODY });
      expect(outcome).toMatchObject({ code: 3, stdout: "" });
      expect(complaint(outcome)).toMatchObject({
        code: "SIGIL_SPOOL_OWNER",
        error: `${other.path} belongs to uid ${NOBODY - 1}`,
      });
      expect(complaint(outcome).hint).not.toBe("");
    }
    expect(readdirSync(other.path)).toEqual([]);
    await theirs.close();
    await other.close();
  });

  it("is refused also when it is root's and cannot be written", async () => {
    const theirs = host(NOBODY);
    const roots = host();
    chmodSync(roots.path, 0o755);
    const outcome = await theirs.sigil(["--events-dir", roots.path, "run", "--duration", "5"], {
      uid: NOBODY,
    });
    expect(outcome).toMatchObject({ code: 4, stdout: "" });
    expect(complaint(outcome)).toMatchObject({
      code: "SIGIL_SPOOL_IO",
      error: `cannot lock ${roots.path}: unable to open database file`,
      hint: "check the disk, and who owns the spool directory and may write it",
    });
    expect(readdirSync(roots.path)).toEqual([]);
    await theirs.close();
    await roots.close();
  });
});
