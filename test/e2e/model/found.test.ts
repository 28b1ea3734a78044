import { Buffer } from "node:buffer";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import { setImmediate as breathe } from "node:timers/promises";
import type { SigilEvent } from "@sigil/core";
import { fileEvents, type FileEvent } from "../events.ts";
import { createHost, eventually, writePolicy, type TestHost } from "../harness.ts";

// What the model has found, each as small as it came to be.

describe("a directory swapped for a link under a target that follows none", () => {
  it("is gone with all that was in it, whatever lies where the link leads", async () => {
    const host = createHost();
    writePolicy(
      host,
      'targets: [{id: solid, tier: critical, paths: ["~/solid"], recursive: true, follow_symlinks: false}]\n',
    );
    const path = host.write("solid/s/a", "mine\n");
    host.write("out/a", "theirs\n");
    const agent = await host.start();
    await agent.saw(path);
    renameSync(host.path("solid/s"), host.path("away"));
    symlinkSync(host.path("out"), host.path("solid/s"));
    await agent.saw(path, ({ evidence }) => evidence.change_kind === "removed");
    const link = await agent.saw(host.path("solid/s"));
    expect(link.evidence).toMatchObject({ after_hash: null, symlink_target: host.path("out") });
    rmSync(host.path("solid/s"));
    mkdirSync(host.path("solid/s"));
    host.write("solid/s/a", "again\n");
    await agent.saw(path, ({ evidence }) => evidence.after_hash === b3("again\n"));
    expect(JSON.stringify(agent.of(path))).not.toContain(b3("theirs\n"));
  });
});

describe("changes while the watchers of a new policy are being set", () => {
  it("end no agent, and are told", async () => {
    const host = createHost();
    const hook = host.write(".claude/hooks/a.sh", "0\n");
    // Setting the watchers of a large tree takes a while.
    for (let index = 0; index < 3000; index += 1)
      mkdirSync(host.path(`pool/d${index % 60}/e${index}`), { recursive: true });
    const agent = await host.start();
    let count = 0;
    for (let round = 1; round <= 4; round += 1) {
      writePolicy(
        host,
        `targets: [{id: pool, tier: standard, paths: ["~/pool"], recursive: true}]\n# ${round}\n`,
      );
      agent.child.kill("SIGHUP");
      let applied = false;
      const told = eventually(
        () =>
          agent.child.exitCode !== null ||
          agent.events.filter(({ evidence }) => evidence.kind === "policy_applied").length > round,
      ).then(() => (applied = true));
      while (!applied) {
        host.write(".claude/hooks/a.sh", `${(count += 1)}\n`);
        await breathe();
      }
      await told;
    }
    await agent.saw(hook, ({ evidence }) => evidence.after_hash === b3(`${count}\n`));
    expect((await agent.stop()).code).toBe(0);
  });
});

describe("a link whose target is somewhere else", () => {
  it("is followed by the watchers also after a restart and under another policy", async () => {
    const host = createHost();
    // No second look at all by the clock: what is not watched is not seen.
    const policy = "settings: {watch: {patrol_ms: 3600000}}\n";
    writePolicy(host, policy);
    const settings = host.path(".claude/settings.json");
    const hook = host.path(".claude/hooks/a.sh");
    const target = host.write("dotfiles/settings.json", "{}\n");
    host.write(".claude/hooks/b.sh", "0\n");
    symlinkSync(target, settings);
    symlinkSync(host.path("later/a.sh"), hook);
    mkdirSync(host.path("later"));
    await (await host.start()).stop();

    const again = await host.start();
    await swept(host);
    host.write("dotfiles/settings.json", '{"model":"a"}\n');
    const edit = await again.saw(settings, after('{"model":"a"}\n'));
    expect(edit.evidence.evidence_quality).not.toBe("delayed");

    writePolicy(host, `${policy}targets: [{id: x, tier: critical, paths: ["~/x"]}]\n`);
    again.child.kill("SIGHUP");
    await eventually(() => again.events.filter(isApplied).length > 1);
    await swept(host);
    host.write("later/a.sh", "1\n");
    const filled = await again.saw(hook, after("1\n"));
    expect(filled.evidence.evidence_quality).not.toBe("delayed");
  });
});

describe("a file whose name is not text", () => {
  it.each(["pool", ".claude/hooks"])(
    "is removed and created when it is renamed in %s: its text is another file's name",
    async (dir) => {
      const host = createHost();
      writePolicy(
        host,
        "targets: [{id: pool, tier: standard, paths: ['~/pool'], recursive: true}]\n",
      );
      const other = host.write(`${dir}/r\uFFFD`, "stays\n");
      const from = Buffer.from(`${host.path(dir)}/r\u00ff`, "latin1");
      writeFileSync(from, "goes\n");
      const agent = await host.start();
      await swept(host);
      const to = host.path(`${dir}/to`);
      renameSync(from, to);
      const { evidence } = await agent.saw(to, after("goes\n"));
      expect(evidence).toMatchObject({ change_kind: "created", rename_from: null });
      await eventually(() =>
        fileEvents(agent.events).some(
          ({ subject, evidence: { change_kind: kind } }) =>
            kind === "removed" &&
            subject.kind === "path" &&
            subject.raw_base64 === from.toString("base64"),
        ),
      );
      expect(JSON.stringify(agent.events)).not.toContain(`"rename_from":${JSON.stringify(other)}`);
      renameSync(other, host.path(`${dir}/last`));
      await eventually(() =>
        agent
          .of(host.path(`${dir}/last`))
          .some(({ evidence: { after_hash: hash } }) => hash === b3("stays\n")),
      );
    },
  );
});

const after = (contents: string) => (event: FileEvent) =>
  event.evidence.after_hash === b3(contents);
const isApplied = ({ evidence }: SigilEvent) => evidence.kind === "policy_applied";

/** The sweep of the start, or of a policy, is over. */
async function swept(host: TestHost): Promise<void> {
  await eventually(async () => {
    const { sweep_running: running, last_sweep_age_s: age } = await host.status();
    return running === null && age !== null;
  });
}
