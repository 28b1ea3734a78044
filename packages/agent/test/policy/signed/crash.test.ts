import { readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tempDir, type TempDir } from "@sigil/testkit";
import { nodeSteps, type DiskSteps } from "../../../src/fs/atomic.ts";
import {
  delivery,
  expectApplied,
  root,
  signedHost,
  target,
  word,
  type SignedHost,
} from "./world.ts";

let dir: TempDir;
let host: SignedHost;
beforeEach(() => {
  dir = tempDir();
  host = signedHost(dir);
  host.trust();
});
afterEach(() => {
  host.close();
  dir.remove();
});

/** A disk that does so many steps more, and then nothing: as when the process was killed there. */
function dyingAfter(steps: number, done: string[] = []): DiskSteps {
  const step =
    <Args extends readonly unknown[]>(name: string, work: (...args: Args) => Promise<void>) =>
    async (...args: Args) => {
      if (done.length >= steps) throw new Error("killed");
      done.push(name);
      await work(...args);
    };
  return {
    create: step("create", nodeSteps.create),
    rename: step("rename", nodeSteps.rename),
    syncDirectory: step("sync", nodeSteps.syncDirectory),
    remove: step("remove", nodeSteps.remove),
  };
}

const OLD = { version: 1, policy: target("old") };
const NEW = { version: 2, policy: target("new") };

describe("taking a policy", () => {
  it("writes the delivery, then the memory that names it, and removes the old one last", async () => {
    const first: string[] = [];
    await expectApplied(await host.start(dyingAfter(Infinity, first)), OLD);
    const write = ["remove", "create", "rename", "sync"];
    // A new directory is a name too.
    expect(first).toEqual(["sync", ...write, ...write]);
    const done: string[] = [];
    await expectApplied(await host.start(dyingAfter(Infinity, done)), NEW);
    expect(done).toEqual([...write, ...write, "remove"]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    "leaves a good policy and its memory when it is cut off after step %i",
    async (steps) => {
      await expectApplied(await host.start(), OLD);
      const cut = await host.start(dyingAfter(steps));
      const said = await cut
        .receive(delivery(NEW))
        .then(word, (error: { code: string }) => error.code);
      const isDurable = steps >= 8;
      expect(said).toBe(isDurable ? "applied" : "SIGIL_SIGNED_NOT_KEPT");
      expect(cut.status().policy?.version).toBe(isDurable ? 2 : 1);

      const next = await host.start();
      // Renamed, the memory may or may not have reached the disk; here it has.
      const version = steps >= 7 ? 2 : 1;
      expect(next.status()).toMatchObject({
        policy: { version },
        least_version: version,
        unusable: null,
      });
      expect(next.policy.policy.targets.at(-1)?.id).toBe(version === 2 ? "new" : "old");
      expect(host.conditions()).toEqual([]);
      expect(readdirSync(host.signed)).toHaveLength(2);

      expect(word(await next.receive(delivery(NEW)))).toBe(version === 2 ? "unchanged" : "applied");
      expect(word(await next.receive(delivery(OLD)))).toBe("rollback");
    },
  );

  it("keeps nothing of a first one that could not be written", async () => {
    const cut = await host.start(dyingAfter(6));
    await expect(cut.receive(delivery(NEW))).rejects.toMatchObject({
      code: "SIGIL_SIGNED_NOT_KEPT",
    });
    expect(cut.policy.layers).toEqual(["baseline"]);
    const next = await host.start();
    expect(next.policy.layers).toEqual(["baseline"]);
    await expectApplied(next, OLD);
    expect(readdirSync(host.signed)).toHaveLength(2);
  });

  it("refuses all the same when the refusal cannot be written", async () => {
    await expectApplied(await host.start(), NEW);
    const cut = await host.start(dyingAfter(0));
    expect(word(await cut.receive(delivery(OLD)))).toBe("rollback");
    expect(host.refusals()).toEqual(["rollback"]);
  });

  it("does not move on to a trust root that could not be written", async () => {
    await expectApplied(await host.start(), OLD);
    const cut = await host.start(dyingAfter(0));
    const moving = delivery({ ...NEW, roots: [root({ version: 2 })] });
    await expect(cut.receive(moving)).rejects.toMatchObject({ code: "SIGIL_SIGNED_NOT_KEPT" });
    expect(cut.status().trust?.root_version).toBe(1);
    expect(word(await (await host.start()).receive(moving))).toBe("applied");
  });
});
