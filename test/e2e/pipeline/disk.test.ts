import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cannot, eventually } from "../harness.ts";
import { createFleet } from "./fleet.ts";
import { expectCleanLedger } from "./load.ts";
import { arrived, expectExactlyOnce, storedCount } from "./stored.ts";

/** Puts a directory, with what is in it, on a disk of its own of so many MiB. @returns false where none can be made */
function onSmallDisk(directory: string, mib: number): boolean {
  const kept = `${directory}.kept`;
  mkdirSync(directory, { recursive: true, mode: 0o750 });
  cpSync(directory, kept, { recursive: true });
  const options = `size=${mib}m,mode=0750`;
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", options, "sigil-test", directory]);
  if (mounted.status !== 0) return false;
  onTestFinished(() => void spawnSync("umount", ["-l", directory]));
  cpSync(kept, directory, { recursive: true });
  return true;
}

/** Takes all room there is. @returns gives it back */
function fill(directory: string): () => void {
  const ballast = join(directory, "ballast");
  for (const size of [64 * 1024, 4096]) {
    for (let isFull = false; !isFull;) {
      try {
        writeFileSync(ballast, Buffer.alloc(size), { flag: "a" });
      } catch {
        isFull = true;
      }
    }
  }
  return () => rmSync(ballast);
}

describe("a full disk", () => {
  it("under the server: nothing is acknowledged, and all is there when there is room", async ({
    skip,
  }) => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    if (!onSmallDisk(fleet.serverDir, 32)) cannot(skip, "no tmpfs can be mounted here");
    const server = await fleet.serve();
    const filler = host.fill.start();
    const sender = host.send();
    await eventually(() => storedCount(fleet.db, "h1") > 100);
    const empty = fill(fleet.serverDir);
    await eventually(() => sender.log().includes("store-unavailable"));
    const stored = storedCount(fleet.db, "h1");
    const filled = host.fill.count();
    await eventually(() => host.fill.count() > filled + 500);
    expect(storedCount(fleet.db, "h1")).toBe(stored);
    expect(host.checkpoint()).toBe(stored);
    empty();
    await filler.stop();
    await arrived(host);
    expect(server.over()).toBeNull();
    await expectCleanLedger(host, await expectExactlyOnce(host));
  });

  it("under the sender: it waits with the same batch, and nothing comes twice", async ({
    skip,
  }) => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    if (!onSmallDisk(host.senderDir, 1)) cannot(skip, "no tmpfs can be mounted here");
    await fleet.serve();
    const filler = host.fill.start();
    const sender = host.send();
    await eventually(() => host.checkpoint() > 100);
    const empty = fill(host.senderDir);
    await eventually(() => sender.log().includes("state-not-writable"));
    const before = host.checkpoint();
    const filled = host.fill.count();
    await eventually(() => host.fill.count() > filled + 500);
    expect(host.checkpoint()).toBe(before);
    empty();
    await filler.stop();
    await arrived(host);
    await eventually(() => host.checkpoint() >= host.fill.count());
    expect(sender.over()).toBeNull();
    await expectCleanLedger(host, await expectExactlyOnce(host));
  });

  it("under the sender when it is killed: the next one goes on where the checkpoint is", async ({
    skip,
  }) => {
    const fleet = await createFleet();
    const host = fleet.host("h1");
    if (!onSmallDisk(host.senderDir, 1)) cannot(skip, "no tmpfs can be mounted here");
    await fleet.serve();
    const filler = host.fill.start();
    const sender = host.send();
    await eventually(() => host.checkpoint() > 100);
    const empty = fill(host.senderDir);
    await eventually(() => sender.log().includes("state-not-writable"));
    await sender.kill();
    // It cannot even begin: its lock and its notes need room.
    const hopeless = host.send();
    const filled = host.fill.count();
    await eventually(() => host.fill.count() > filled + 200);
    empty();
    if (hopeless.over() !== null) host.send();
    await filler.stop();
    await arrived(host);
    await expectCleanLedger(host, await expectExactlyOnce(host));
  });
});
