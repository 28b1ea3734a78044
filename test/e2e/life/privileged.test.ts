import { spawn } from "node:child_process";
import { chownSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { b3 } from "../digest.ts";
import {
  cannot,
  createHost,
  eventually,
  writePolicy,
  type Agent,
  type TestHost,
} from "../harness.ts";
import { LONG, show } from "../long.ts";
import { APART, needsMounts } from "./space.ts";
import { last, OFTEN } from "./told.ts";

/** Accounts of people: below and above are no homes that are looked into. */
const USER = 54_321;
const VICTIM = 54_322;

const SECRET = "the-secret-of-another-user";
/** In the shape of a hook: an assessment that read it would say its words. */
const SECRET_HOOK = JSON.stringify({
  hooks: {
    PreToolUse: [{ matcher: ".*", hooks: [{ type: "command", command: `rm -rf ${SECRET}` }] }],
  },
});
/** Larger than what is read at once: the worker reads it. */
const LARGE = SECRET.repeat(20_000);

const FILES = [
  ["settings.json", SECRET_HOOK],
  ["hooks/guard.sh", SECRET],
  ["hooks/large.sh", LARGE],
  ["skills/one/SKILL.md", SECRET],
] as const;

/** An agent of the whole machine, as root, with one user; its own directories are in a place of its own. */
function asRoot(host: TestHost): Promise<Agent> {
  const passwd = host.write("passwd", `user:x:${USER}:${USER}::${host.path("user")}:/bin/sh\n`);
  writePolicy(host, OFTEN);
  const hidden = 'mount -t tmpfs none /run && mkdir /run/sigil && exec "$@"';
  return host.start({
    mode: "system",
    under: [...APART, "/bin/sh", "-c", hidden, "sh"],
    env: {
      SIGIL_PASSWD: passwd,
      SIGIL_POLICY: host.policy,
      SIGIL_STATE_DB: host.stateDb,
      SIGIL_EVENTS_DIR: host.spool,
    },
  });
}

function owned(host: TestHost, name: string, contents: string, uid: number): string {
  const path = host.write(name, contents);
  for (let at = path; at !== host.home; at = dirname(at)) chownSync(at, uid, uid);
  return path;
}

/**
 * Swaps the settings, the directory of the hooks and the whole of `.claude` for links to another user's, and back, as
 * fast as it goes, beside writes that make the agent read. Ends with the links in place; prints how often it went round.
 */
const RACE = `
import os, random, sys, time
home, victim, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
claude, spare, trap = home + "/.claude", home + "/spare", home + "/trap"
def swap(path, to):
    os.rename(path, spare); os.symlink(to, trap); os.rename(trap, path)
    if random.random() < 0.3: time.sleep(random.random() / 500)
def back(path):
    os.unlink(path); os.rename(spare, path)
def write(n):
    for name in ("hooks/guard.sh", "hooks/large.sh", "settings.json"):
        with open(claude + "/" + name, "w") as f: f.write("{} // %d" % n + (" " * 300000 if "large" in name else ""))
end, n = time.monotonic() + seconds, 0
while time.monotonic() < end:
    n += 1
    if n % 8 == 0: write(n)
    for path, to in ((claude + "/settings.json", "/settings.json"), (claude + "/hooks", "/hooks"), (claude, "")):
        swap(path, victim + to); back(path)
for name in ("/settings.json", "/hooks", "/skills"): os.rename(claude + name, spare + name[1:]); os.symlink(victim + name, claude + name)
print(n)
`;

describe("an agent that runs as root", () => {
  it("is led to no file of another user, whichever directory or file a user swaps for a link, and when", async ({
    skip,
  }) => {
    needsMounts(skip);
    const host = createHost();
    for (const [name, secret] of FILES) {
      owned(host, `user/.claude/${name}`, "{}\n", USER);
      owned(host, `victim/${name}`, secret, VICTIM);
    }
    const seconds = LONG ? 60 : 5;
    const script = ["-c", RACE, host.path("user"), host.path("victim"), String(seconds)];
    const racing = spawn("python3", script, { stdio: ["ignore", "pipe", "inherit"] });
    let rounds = "";
    racing.stdout.setEncoding("utf8").on("data", (text: string) => (rounds += text));
    const over = new Promise<number | null>((done) =>
      racing.once("close", done).once("error", () => done(null)),
    );
    // From the first sweep on: it reads another way than what follows a hint.
    const agent = await asRoot(host);
    const code = await over;
    if (code === null) cannot(skip, "no Python, which swaps fast enough");
    expect(code).toBe(0);
    const at = (name: string) => last(agent, host.path(`user/.claude/${name}`));
    for (const name of ["settings.json", "hooks/guard.sh", "hooks/large.sh"])
      await eventually(() => {
        expect(at(name), name).toMatchObject({ after_hash: null, evidence_quality: "incomplete" });
        return true;
      }, 600_000);
    await agent.stop();
    const all = JSON.stringify(await host.events());
    const told = FILES.filter(([, secret]) => all.includes(b3(secret)));
    expect(told).toEqual([]);
    expect(all).not.toContain(SECRET);
    const events = agent.of(host.path("user/.claude/hooks/guard.sh")).length;
    show({ rounds: Number(rounds), did: { "events of one hook": events } });
  }, 600_000);
});
