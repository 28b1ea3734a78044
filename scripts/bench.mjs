// `npm run bench`: measures the built programs beside public tools. Installs nothing of ours; on Debian, as root, the peers.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { nodePath, ROOT, run, toolEnv } from "./setup.mjs";

const PEERS = {
  inotifywait: ["inotify-tools"],
  b3sum: ["b3sum"],
  aide: ["aide"],
  rsyslogd: ["rsyslog", "rsyslog-openssl"],
};
const PACKAGES = "core risk baseline host ports cli spool signer agent sender server".split(" ");

function fail(what, hint) {
  process.stderr.write(`sigil: error: ${what}\nsigil: hint: ${hint}\n`);
  process.exit(4);
}

function onPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The pinned Node: another one has other figures. */
function checkNode() {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const pinned = Object.values(manifest.optionalDependencies)[0];
  const { stdout } = spawnSync(nodePath(), ["--version"], { encoding: "utf8" });
  if (stdout?.trim() !== `v${pinned}`)
    fail(
      `found Node ${stdout?.trim()}, pinned is v${pinned}`,
      "run `npm test` once, it installs what is pinned",
    );
}

/** What is measured is what was built: it must not be older than its source. */
function checkBuild() {
  for (const name of PACKAGES) {
    const built = join(ROOT, "packages", name, "dist");
    if (!existsSync(built))
      fail(`${name} is not built`, "run `npm run build` under the pinned Node, or `npm test`");
    const folder = join(ROOT, "packages", name);
    if (newest(join(folder, "src"), ".ts") > newest(join(folder, "dist"), ".map"))
      process.stderr.write(
        `bench: packages/${name}/src is newer than its build; the build is measured\n`,
      );
  }
}

function newest(folder, ending) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(ending))
    .reduce((latest, name) => Math.max(latest, statSync(join(folder, name)).mtimeMs), 0);
}

function ensurePeers() {
  const missing = Object.keys(PEERS).filter((program) => !onPath(program));
  if (missing.length === 0 || process.platform !== "linux") return;
  const packages = missing.flatMap((program) => PEERS[program]);
  if (process.getuid?.() !== 0 || !onPath("apt-get")) {
    process.stderr.write(
      `bench: nothing to compare with for ${missing.join(", ")} (Debian packages: ${packages.join(" ")})\n`,
    );
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [
    ["update", "-qq"],
    ["install", "-qq", "-y", "--no-install-recommends", ...packages],
  ])
    spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env });
}

if (process.platform !== "linux") fail("the benches read /proc", "run them on Linux");
checkNode();
checkBuild();
ensurePeers();
const main = join(ROOT, "test", "bench", "main.ts");
process.exit(
  run(nodePath(), ["--conditions=@sigil/source", main, ...process.argv.slice(2)], {
    env: toolEnv(),
  }),
);
