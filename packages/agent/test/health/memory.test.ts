import { describe, expect, it } from "vitest";
import { createMemoryGuard } from "../../src/health/memory.ts";

function guardOf(used: readonly number[], canRelieve = true) {
  const said: string[] = [];
  const left = [...used];
  const guard = createMemoryGuard(512, {
    usedMb: () => left.shift() ?? 0,
    relieve: () => {
      if (canRelieve) said.push("relieved");
      return canRelieve;
    },
    onExceeded: (what) => said.push(what),
  });
  for (const _ of used) guard.check();
  return said;
}

describe("createMemoryGuard", () => {
  it("gives back what it can before the process ends", () => {
    expect(guardOf([600, 300, 600, 300])).toEqual(["relieved", "relieved"]);
  });
  it("ends the process when that was not it", () => {
    expect(guardOf([600, 601])).toEqual(["relieved", "memory: 601 MiB, limit 512"]);
  });
  it("ends the process at once when there is nothing to give", () => {
    expect(guardOf([512, 513], false)).toEqual(["memory: 513 MiB, limit 512"]);
  });
});
