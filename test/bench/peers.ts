import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";

/** Public tools that figures stand beside, and the Debian packages each is in. */
export const PEERS = {
  inotifywait: "inotify-tools",
  b3sum: "b3sum",
  aide: "aide",
  rsyslogd: "rsyslog rsyslog-openssl",
} as const;

export type PeerName = keyof typeof PEERS;

export function hasPeer(name: PeerName): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The note that stands where a peer's figure would. */
export function missing(name: PeerName): string {
  return `\`${name}\` is not installed (Debian: \`apt-get install ${PEERS[name]}\`): nothing to compare with.`;
}

/** Name and version of every peer there is, as its package says. */
export function peerVersions(): Readonly<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (const [name, debian] of Object.entries(PEERS)) {
    if (!hasPeer(name as PeerName)) continue;
    const [own = ""] = debian.split(" ");
    const asked = spawnSync("dpkg-query", ["-W", "-f=${Version}", own], { encoding: "utf8" });
    versions[name] = asked.status === 0 ? asked.stdout.trim() : "unknown version";
  }
  return versions;
}

/** Wall milliseconds of one shell command whose output nobody reads. @throws when it fails */
export function timeShell(command: string, ok: (status: number) => boolean = (s) => s === 0) {
  const start = performance.now();
  const { status, signal } = spawnSync("sh", ["-c", command], { stdio: "ignore" });
  const ms = performance.now() - start;
  if (signal !== null || !ok(status ?? -1)) throw new Error(`${command}: ${signal ?? status}`);
  return ms;
}

export function quote(path: string): string {
  return `'${path.replaceAll("'", `'\\''`)}'`;
}

/** `inotifywait -m` on one directory: what the kernel tells, with the least in between. */
export interface InotifyWait {
  close(): Promise<void>;
}

/** @param onClose called with the monotonic milliseconds at which a written file's close was told */
export async function startInotifyWait(
  directory: string,
  onClose: (name: string, at: number) => void,
): Promise<InotifyWait> {
  const child = spawn("inotifywait", ["-m", "-e", "close_write", "--format", "%f", directory], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => void child.on("close", () => resolve()));
  child.stdout.on("data", (chunk: Buffer) => {
    const at = performance.now();
    for (const name of chunk.toString().split("\n")) if (name !== "") onClose(name, at);
  });
  for await (const line of createInterface(child.stderr)) if (/established/.test(line)) break;
  return {
    async close() {
      child.kill();
      await ended;
    },
  };
}
