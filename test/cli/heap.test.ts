import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { EAGER_FLAGS, FRUGAL_FLAGS, PATIENT_FLAGS } from "../../packages/agent/src/frugal.ts";

const MIB = 1024 * 1024;
/** As much as Node lets the young generation grow under the same load is 64 MiB. */
const MOST_MIB = 8;

/** Objects that outlive a few collections, as those of a batch do. @returns MiB the young generation came to */
const CHURN = `
  const v8 = require("node:v8");
  for (const flag of process.argv.slice(1)) v8.setFlagsFromString(flag);
  const kept = [];
  for (let batch = 0; batch < 60; batch += 1)
    kept[batch % 3] = Array.from({ length: 5000 }, (_, at) => JSON.parse('{"a":{"b":[1,2,' + at + ']}}'));
  const young = v8.getHeapSpaceStatistics().find((space) => space.space_name === "new_space");
  process.stdout.write(String(young.space_size / ${MIB}));
`;

function flagsOf(program: "sender" | "server"): string[] {
  const file = resolve(import.meta.dirname, `../../packages/${program}/bin/sigil-${program}.js`);
  const found = readFileSync(file, "utf8").matchAll(/^setFlagsFromString\("([^"]+)"\);$/gm);
  return [...found].map(([, flag = ""]) => flag);
}

function youngAfterChurn(flags: readonly string[]): number {
  return Number(
    execFileSync(process.execPath, ["-e", CHURN, "--", ...flags], { encoding: "utf8" }),
  );
}

/** Bits of V8's word on how a function runs. */
const MAGLEV = 1 << 4;
const TURBOFAN = 1 << 5;

/** @returns how a function runs that is called often */
function statusOfHot(flags: readonly string[], calls: number): number {
  const script = `
    for (const flag of process.argv.slice(1)) require("node:v8").setFlagsFromString(flag);
    function hot(a) { return a.b * 2 + (a.b % 7); }
    let sum = 0;
    for (let call = 0; call < ${calls}; call += 1) sum += hot({ b: call });
    process.stdout.write(String(%GetOptimizationStatus(hot)));`;
  const natives = ["--allow-natives-syntax", "--no-concurrent-recompilation"];
  const args = [...natives, "-e", script, "--", ...flags];
  return Number(execFileSync(process.execPath, args, { encoding: "utf8" }));
}

describe("the flags of sigil run", () => {
  it("keep the young generation as it begins", () => {
    expect(youngAfterChurn(FRUGAL_FLAGS)).toBeLessThanOrEqual(MOST_MIB);
  });
  it("leave what is often called to the lighter compiler", () => {
    const often = 2_000_000;
    expect(statusOfHot(FRUGAL_FLAGS, often) & (MAGLEV | TURBOFAN)).toBe(MAGLEV);
    expect(statusOfHot([], often) & (MAGLEV | TURBOFAN)).toBe(TURBOFAN);
  });
  it("compile nothing that is called as often as at the start", () => {
    const waiting = [...FRUGAL_FLAGS, ...PATIENT_FLAGS];
    expect(statusOfHot(waiting, 1000) & (MAGLEV | TURBOFAN)).toBe(0);
    expect(statusOfHot([...waiting, ...EAGER_FLAGS], 1000) & (MAGLEV | TURBOFAN)).toBe(MAGLEV);
    expect(statusOfHot([], 1000) & (MAGLEV | TURBOFAN)).not.toBe(0);
  });
});

describe("the heap of a program that carries batches", () => {
  for (const program of ["sender", "server"] as const) {
    describe(`when its flags are those of sigil-${program}`, () => {
      it("keeps the young generation as it begins", () => {
        const flags = flagsOf(program);
        expect(flags).toHaveLength(2);
        expect(youngAfterChurn(flags)).toBeLessThanOrEqual(MOST_MIB);
      });
    });
  }

  describe("when it has none", () => {
    it("grows, so that the test above can fail", () => {
      expect(youngAfterChurn([])).toBeGreaterThan(MOST_MIB);
    });
  });
});
