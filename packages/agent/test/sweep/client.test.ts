import type * as workers from "node:worker_threads";
import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Root } from "@sigil/core";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { openState } from "../../src/state/database.ts";
import { createSweepClient, type SweepClient } from "../../src/sweep/client.ts";
import type { Finding, WorkerPlan } from "../../src/sweep/finding.ts";
import { root, settings } from "../build.ts";

const started: workers.Worker[] = [];
vi.mock("node:worker_threads", async (original) => {
  const real = await original<typeof workers>();
  return {
    ...real,
    Worker: class extends real.Worker {
      constructor(...args: ConstructorParameters<typeof workers.Worker>) {
        super(...args);
        started.push(this);
      }
    },
  };
});

let dir: TempDir;
let client: SweepClient;
beforeEach(() => {
  dir = tempDir();
  started.length = 0;
  dir.mkdir("t");
  openState(dir.at("state.db"), 0).db.close();
});
afterEach(async () => {
  await client.close();
  dir.remove();
});

function plan(
  batch = 2,
  roots: readonly Root[] = [root({ base: dir.at("t"), recursive: true })],
): WorkerPlan {
  return {
    stateDb: dir.at("state.db"),
    own: [],
    roots,
    platform: "linux",
    settings: settings({ sweep: { batch }, hash: { max_bytes: 1024 * 1024 } }),
    hasher: "auto",
    linkOwners: roots.map(() => null),
  };
}

function files(count: number): void {
  for (let index = 0; index < count; index += 1) dir.write(`t/${index}`, String(index));
}

/** Ends the thread as a crash would. */
async function crash(): Promise<void> {
  await started.at(-1)?.terminate();
}

describe("createSweepClient", () => {
  describe("when it sweeps", () => {
    it("hands over all findings in batches, and then the totals", async () => {
      files(9);
      client = createSweepClient(plan(4));
      const batches: (readonly Finding[])[] = [];
      const totals = await client.sweep([0], [0], async (findings) => void batches.push(findings));
      expect(batches.map(({ length }) => length)).toEqual([4, 4, 1]);
      expect(totals).toMatchObject({
        entries: 9,
        directories: 1,
        hashedBytes: 9,
        truncated: [],
        aborted: false,
      });
    });

    it("sweeps again on the same thread", async () => {
      client = createSweepClient(plan());
      await client.sweep([0], [], async () => undefined);
      await client.sweep([0], [], async () => undefined);
      expect(started).toHaveLength(1);
    });

    it("takes one batch after another, and ends after the last is taken", async () => {
      files(30);
      client = createSweepClient(plan(1));
      let busy = 0;
      let most = 0;
      let taken = 0;
      await client.sweep([0], [0], async () => {
        busy += 1;
        most = Math.max(most, busy);
        await new Promise((resolve) => setImmediate(resolve));
        busy -= 1;
        taken += 1;
      });
      expect(most).toBe(1);
      expect(taken).toBe(30);
    });

    it("does not run ahead of who takes the findings", async () => {
      files(100);
      client = createSweepClient(plan(1));
      const gate = Promise.withResolvers<void>();
      const first = Promise.withResolvers<void>();
      const swept = client.sweep([0], [0], async () => {
        first.resolve();
        await gate.promise;
      });
      let messages = 0;
      started[0]?.on("message", () => (messages += 1));
      await first.promise;
      // The thread answers this while it waits: nothing more than what was under way has come before.
      await client.observe(dir.at("t/0"), 0);
      expect(messages).toBeLessThanOrEqual(9);
      gate.resolve();
      expect((await swept).entries).toBe(100);
    });
  });

  describe("when a file is observed", () => {
    it("gives its snapshot, also while a sweep runs", async () => {
      files(3);
      client = createSweepClient(plan());
      const sweeping = client.sweep([0], [0], async () => undefined);
      expect(await client.observe(dir.at("t/1"), 0)).toMatchObject({
        kind: "present",
        snapshot: { size: 1n, incomplete: null },
      });
      await sweeping;
    });

    it("follows a link when any target that means it asks for it", async () => {
      dir.write("real", "123");
      fs.symlinkSync("../real", dir.at("t/link"));
      const roots = [
        root({ base: dir.at("t"), recursive: true }),
        root({ base: dir.at("t/link"), targetId: "other", followSymlinks: false }),
      ];
      client = createSweepClient(plan(2, roots));
      expect(await client.observe(dir.at("t/link"), 1)).toMatchObject({
        snapshot: { type: "file", size: 3n },
      });
    });

    it("knows the plan that was set last", async () => {
      client = createSweepClient(plan());
      const path = dir.write("t/a", "1");
      expect(await client.observe(path, 0)).toMatchObject({ snapshot: { incomplete: null } });
      const next = plan();
      client.setPlan({ ...next, settings: settings({ hash: { max_bytes: 0 } }) });
      expect(await client.observe(path, 0)).toMatchObject({
        snapshot: { incomplete: "too_large" },
      });
    });
  });

  describe("when it is told to stop a sweep", () => {
    it("ends it, and says that it was not whole", async () => {
      files(200);
      client = createSweepClient(plan(1));
      let taken = 0;
      const totals = await client.sweep([0], [0], async () => {
        taken += 1;
        if (taken === 1) client.abort();
        await new Promise((resolve) => setImmediate(resolve));
      });
      expect(totals.aborted).toBe(true);
      expect(taken).toBeLessThan(200);
    });
  });

  describe("when whoever takes the findings fails", () => {
    it("fails the sweep, and the next one is whole", async () => {
      files(60);
      client = createSweepClient(plan(1));
      const failing = client.sweep([0], [0], async () => {
        throw new Error("no room");
      });
      await expect(failing).rejects.toThrow("no room");
      expect((await client.sweep([0], [0], async () => undefined)).entries).toBe(60);
    });
  });

  describe("when the thread dies", () => {
    it("fails what it was doing, and starts another for what comes next", async () => {
      files(50);
      client = createSweepClient(plan(1));
      const sweeping = client.sweep([0], [0], async () => {
        await crash();
      });
      await expect(sweeping).rejects.toThrow("the sweep thread ended");
      expect((await client.sweep([0], [0], async () => undefined)).entries).toBe(50);
      expect(started).toHaveLength(2);
    });
  });

  describe("when there is no state database", () => {
    it("fails the sweep", async () => {
      client = createSweepClient({ ...plan(), stateDb: dir.at("missing.db") });
      await expect(client.sweep([0], [], async () => undefined)).rejects.toThrow(
        "no state database",
      );
    });
  });

  describe("when it is closed", () => {
    it("fails what is under way, and starts no thread again", async () => {
      files(50);
      client = createSweepClient(plan(1));
      const sweeping = client.sweep([0], [0], async () => {
        await client.close();
      });
      await expect(sweeping).rejects.toThrow("closing");
      await expect(client.observe(dir.at("t/0"), 0)).rejects.toThrow("closing");
      await expect(client.sweep([0], [], async () => undefined)).rejects.toThrow("closing");
      expect(started).toHaveLength(1);
      await eventually(() => started[0]?.threadId === -1);
    });
  });
});
