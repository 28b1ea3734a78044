import { spawnSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { lastStates, readSpool, treeStates } from "../events.ts";
import { cannot, createHost, eventually, NOBODY } from "../harness.ts";
import { smallDisk } from "./tmpfs.ts";

const remount = (at: string, how: "ro" | "rw") =>
  expect(spawnSync("mount", ["-o", `remount,${how}`, at]).status).toBe(0);

describe("a disk mounted read-only", () => {
  it.for([
    ["state", "SIGIL_STATE_UNUSABLE"],
    ["spool", "SIGIL_SPOOL_IO"],
  ] as const)(
    "under the %s refuses the start with a code; mounted again, all is told",
    { timeout: 90_000 },
    async ([what, code], { skip }) => {
      const host = createHost();
      const disk = smallDisk(host, "16m", skip);
      const spool = what === "spool" ? join(disk, "events") : host.spool;
      const stateDb = what === "state" ? join(disk, "state.db") : host.stateDb;
      const env = { SIGIL_STATE_DB: stateDb, SIGIL_EVENTS_DIR: spool };
      await (await host.start({ env })).stop();
      host.write(".claude/hooks/meanwhile", "x\n");
      remount(disk, "ro");
      const refused = await host.start({ env, ready: false });
      expect(await refused.ended).toEqual({ code: 4, signal: null });
      expect(refused.log()).toMatch(new RegExp(`^sigil: error: .*\\[${code}\\]$`, "m"));
      expect(refused.lines).toEqual([]);
      remount(disk, "rw");
      await (await host.start({ env })).stop();
      const hooks = host.path(".claude/hooks");
      expect(lastStates(await readSpool(spool), hooks)).toEqual(treeStates(hooks));
    },
  );
});

describe("a state database that may not be written", () => {
  it.for<[string, (path: string, on: boolean) => void]>([
    ["itself", (path: string, on: boolean) => chmodSync(path, on ? 0o600 : 0o400)],
    [
      "in its directory",
      (path: string, on: boolean) => chmodSync(dirname(path), on ? 0o750 : 0o550),
    ],
  ])(
    "%s keeps no agent blind in silence: it works, or the start is refused",
    { timeout: 90_000 },
    async ([, mode], { skip }) => {
      if (process.getuid?.() !== 0) cannot(skip, "only root can start the agent as another user");
      const host = createHost({ owner: NOBODY });
      await (await host.start({ uid: NOBODY })).stop();
      mode(host.stateDb, false);
      const first = await host.start({ uid: NOBODY, ready: false });
      const settings = host.write(".claude/settings.json", "{}\n");
      const how = await Promise.race([
        first.ended,
        eventually(() => first.of(settings)[0], 60_000),
      ]);
      if ("code" in how) {
        expect(how).toEqual({ code: 4, signal: null });
        expect(first.log()).toMatch(/^sigil: error: .*\[SIGIL_[A-Z_]+\]$/m);
        mode(host.stateDb, true);
        const second = await host.start({ uid: NOBODY });
        await second.saw(settings);
      }
    },
  );
});
