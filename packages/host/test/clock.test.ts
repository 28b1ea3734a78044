import { describe, expect, it } from "vitest";
import { type CommandOutcome, clockStatus } from "../src/index.ts";
import { exited, fakeRun, memoryFiles } from "./fake.ts";

const MARKER = "/run/systemd/timesync/synchronized";

function ask(answer: string | CommandOutcome, files: Readonly<Record<string, string>> = {}) {
  const run = fakeRun({ "timedatectl show -p NTPSynchronized": answer });
  return clockStatus({ platform: "linux", run, files: memoryFiles(files) });
}

describe("clockStatus", () => {
  it("believes timedatectl", async () => {
    expect(await ask("NTPSynchronized=yes\n")).toEqual({
      state: "synchronized",
      origin: "timedatectl",
    });
    expect(await ask("NTPSynchronized=no\n", { [MARKER]: "" })).toEqual({
      state: "unsynchronized",
      origin: "timedatectl",
    });
  });

  it.each([{ kind: "absent" } as const, exited(1, "NTPSynchronized=no\n"), "NTPSynchronized="])(
    "takes timesyncd's marker when timedatectl has no answer: %j",
    async (answer) => {
      expect(await ask(answer, { [MARKER]: "" })).toEqual({
        state: "synchronized",
        origin: MARKER,
      });
      expect((await ask(answer)).state).toBe("unknown");
    },
  );

  it("asks nobody off Linux", async () => {
    const run = fakeRun();
    const status = await clockStatus({ platform: "macos", run, files: memoryFiles({}) });
    expect(status).toEqual({ state: "unknown", why: "not asked on macos" });
    expect(run.calls).toEqual([]);
  });
});
