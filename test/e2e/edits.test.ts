import { chmodSync, renameSync, statSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { b3 } from "./digest.ts";
import { eventsOf } from "./events.ts";
import { createHost, eventually, writePolicy } from "./harness.ts";

const SETTINGS = ".claude/settings.json";
const HOOK = ".claude/hooks/guard.sh";

describe("an editor that saves with a backup", () => {
  it("leaves one modification of the file, and the backup as a file of its own", async () => {
    const host = createHost();
    const hook = host.write(HOOK, "exit 2\n");
    const agent = await host.start();
    await agent.saw(hook);
    // vim with backupcopy=no: the old file becomes the backup, the new one is written under the name.
    renameSync(hook, `${hook}~`);
    writeFileSync(hook, "exit 0\n");
    await agent.saw(hook, ({ evidence }) => evidence.after_hash === b3("exit 0\n"));
    await agent.saw(`${hook}~`);
    await agent.stop();
    const events = await host.events();
    expect(eventsOf(events, hook).slice(1)).toMatchObject([
      {
        evidence: {
          change_kind: "modified",
          before_hash: b3("exit 2\n"),
          after_hash: b3("exit 0\n"),
          rename_from: null,
        },
      },
    ]);
    expect(eventsOf(events, `${hook}~`)).toMatchObject([
      { evidence: { change_kind: "created", after_hash: b3("exit 2\n") } },
    ]);
  });

  it("leaves one modification when the backup is deleted at once", async () => {
    const host = createHost();
    const hook = host.write(HOOK, "exit 2\n");
    const agent = await host.start();
    await agent.saw(hook);
    renameSync(hook, `${hook}~`);
    writeFileSync(hook, "exit 0\n");
    unlinkSync(`${hook}~`);
    await agent.saw(hook, ({ evidence }) => evidence.after_hash === b3("exit 0\n"));
    await agent.stop();
    const events = await host.events();
    expect(eventsOf(events, hook)).toHaveLength(2);
    expect(eventsOf(events, `${hook}~`)).toEqual([]);
  });
});

describe("contents that change and change back within the debounce", () => {
  it("are never silent: modified with before = after, coalesced", async () => {
    const host = createHost();
    host.write(SETTINGS, "A\n");
    writePolicy(
      host,
      "settings: {settle: {critical_debounce_ms: 400, critical_max_wait_ms: 5000}}\n",
    );
    const agent = await host.start();
    const settings = host.write(SETTINGS, "B\n");
    await eventually(async () => (await host.status()).settling > 0);
    // Another burst: hints this far apart belong to different saves.
    await sleep(60);
    host.write(SETTINGS, "A\n");
    const event = await agent.saw(settings, ({ evidence }) => evidence.change_kind === "modified");
    expect(event.evidence).toMatchObject({
      before_hash: b3("A\n"),
      after_hash: b3("A\n"),
      evidence_quality: "coalesced",
    });
    expect(event.evidence.coalesced_count).toBeGreaterThan(1);
  });
});

describe("chmod", () => {
  it("is attributes_modified with both modes and equal hashes", async () => {
    const host = createHost();
    const hook = host.write(HOOK, "exit 2\n");
    chmodSync(hook, 0o755);
    const agent = await host.start();
    await agent.saw(hook);
    chmodSync(hook, 0o644);
    const { evidence } = await agent.saw(
      hook,
      ({ evidence: { change_kind } }) => change_kind === "attributes_modified",
    );
    expect(evidence).toMatchObject({
      before_hash: b3("exit 2\n"),
      after_hash: b3("exit 2\n"),
      mode_before: "0755",
      mode_after: "0644",
    });
  });
});

describe("a file over the size cap", () => {
  it("is incomplete, without a hash, and hashed again once it fits", async () => {
    const host = createHost();
    writePolicy(host, "settings: {hash: {max_bytes: 4096}}\n");
    const agent = await host.start();
    const hook = host.write(HOOK, "x".repeat(4097));
    expect((await agent.saw(hook)).evidence).toMatchObject({
      change_kind: "created",
      after_hash: null,
      size_after: 4097,
      evidence_quality: "incomplete",
    });
    truncateSync(hook, 4096);
    const event = await agent.saw(hook, ({ evidence }) => evidence.after_hash !== null);
    expect(event.evidence).toMatchObject({
      change_kind: "modified",
      before_hash: null,
      after_hash: b3("x".repeat(4096)),
    });
  });

  it("is hashed in full by the worker when it is large but under the cap", async () => {
    const host = createHost();
    const agent = await host.start();
    const contents = Buffer.alloc(3 * 1024 * 1024 + 17, 7);
    const hook = host.write(HOOK, contents);
    await agent.saw(hook, ({ evidence }) => evidence.after_hash === b3(contents));
    expect(statSync(hook).size).toBe(contents.length);
  });
});

describe("a critical file written every 20 ms", () => {
  it("has events while it goes on, and the last contents in the end", async () => {
    const host = createHost();
    const settings = host.write(SETTINGS, "0\n");
    const agent = await host.start();
    await agent.saw(settings);
    const until = performance.now() + 3000;
    let count = 0;
    while (performance.now() < until) {
      host.write(SETTINGS, `${(count += 1)}\n`);
      await sleep(20);
    }
    const during = agent.of(settings).length;
    expect(during).toBeGreaterThan(3);
    await agent.saw(settings, ({ evidence }) => evidence.after_hash === b3(`${count}\n`));
    // Each event starts where the one before it ended: the chain has no hole.
    const chain = agent.of(settings).map(({ evidence }) => evidence);
    for (const [index, { before_hash }] of chain.entries())
      expect(before_hash).toBe(chain[index - 1]?.after_hash ?? null);
  });
});
