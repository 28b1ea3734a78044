// Programs that some tests watch the sensor with. Only on Debian, as root, and only when they are missing.
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

const PEERS = { strace: "strace", b3sum: "b3sum", faketime: "faketime", openssl: "openssl" };

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

/** Installs what is missing; tests whose peer is missing afterwards say so and are counted as skipped. */
export function ensurePeers() {
  const missing = Object.keys(PEERS).filter((program) => !onPath(program));
  if (
    missing.length === 0 ||
    process.platform !== "linux" ||
    process.getuid?.() !== 0 ||
    !onPath("apt-get")
  )
    return;
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const packages = missing.map((program) => PEERS[program]);
  for (const args of [
    ["update", "-qq"],
    ["install", "-qq", "-y", "--no-install-recommends", ...packages],
  ]) {
    spawnSync("apt-get", args, { stdio: ["ignore", "ignore", "inherit"], env });
  }
}
