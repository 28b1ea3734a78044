import { randomBytes, randomUUID } from "node:crypto";
import { link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "@sigil/core/plain";
import { hostError } from "./error.ts";
import { type FileReader, nodeFiles, whyUnread } from "./file.ts";
import { ownedBySelfOrRoot } from "./permission.ts";
import { isUuid } from "./uuid-text.ts";

export type StoredUuid =
  | { readonly kind: "found" | "created"; readonly uuid: string; readonly file: string }
  | { readonly kind: "absent"; readonly file: string };

export type UuidOptions = {
  /** Absolute path, `HostPaths.hostId`. */
  readonly file: string;
  /** Make the id when there is none. Commands that only look pass false. */
  readonly create: boolean;
  readonly files?: FileReader;
  readonly random?: () => string;
  /** How the finished file gets its name; must fail with EEXIST rather than replace. */
  readonly link?: (from: string, to: string) => Promise<void>;
};

const UUID_FILE_BYTES = 256;

/**
 * The host's random id, kept in one file of mode 0600. It appears whole or not at all, and of
 * two processes that make it at once both get the one that won (the last one to write, where the
 * file system has no hard links).
 * @throws SIGIL_HOST_ID_UNTRUSTED, _CORRUPT, _UNREADABLE, _UNWRITABLE: the id is never silently
 * replaced, since a new id makes the host a stranger to its server.
 */
export async function storedUuid(options: UuidOptions): Promise<StoredUuid> {
  const files = options.files ?? nodeFiles();
  const stored = await readUuid(files, options.file);
  if (stored !== null) return { kind: "found", uuid: stored, file: options.file };
  if (!options.create) return { kind: "absent", file: options.file };
  const uuid = (options.random ?? randomUUID)();
  if (await publish(options.file, uuid, options.link ?? link))
    return { kind: "created", uuid, file: options.file };
  const winner = await readUuid(files, options.file);
  if (winner !== null) return { kind: "found", uuid: winner, file: options.file };
  throw hostError("SIGIL_HOST_ID_UNWRITABLE", `${options.file} vanished while it was made`);
}

async function readUuid(files: FileReader, file: string): Promise<string | null> {
  const outcome = await files.read(file, { maxBytes: UUID_FILE_BYTES });
  if (outcome.kind === "absent") return null;
  if (outcome.kind === "too_large") {
    throw hostError("SIGIL_HOST_ID_CORRUPT", `${file} is ${whyUnread(outcome)}`);
  }
  if (outcome.kind === "unreadable") {
    const strange = outcome.reason === "symlink" || outcome.reason === "not_regular";
    const code = strange ? "SIGIL_HOST_ID_UNTRUSTED" : "SIGIL_HOST_ID_UNREADABLE";
    throw hostError(code, `${file} is ${whyUnread(outcome)}`);
  }
  // Whoever can write this file chooses which host this machine reports as.
  if (!ownedBySelfOrRoot(outcome.facts) || othersCanWrite(outcome.facts.mode)) {
    throw hostError("SIGIL_HOST_ID_UNTRUSTED", `${file} is writable by somebody else`);
  }
  const uuid = outcome.text.trim().toLowerCase();
  if (!isUuid(uuid)) throw hostError("SIGIL_HOST_ID_CORRUPT", `${file} holds no UUID`);
  return uuid;
}

/** Windows reports mode 0666 for every writable file: its bits say nothing. */
function othersCanWrite(mode: number): boolean {
  return process.platform !== "win32" && (mode & 0o022) !== 0;
}

type Link = NonNullable<UuidOptions["link"]>;

/** True when this process's id is the one in place; false when another's already is. */
async function publish(file: string, uuid: string, linkTo: Link): Promise<boolean> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o750 });
    await writeDurably(temporary, `${uuid}\n`);
    const won = await place(temporary, file, linkTo);
    if (won) await syncDirectory(dirname(file));
    return won;
  } catch (cause) {
    throw hostError("SIGIL_HOST_ID_UNWRITABLE", `${file}: ${errnoOf(cause) ?? "unknown error"}`, {
      cause,
    });
  } finally {
    await rm(temporary, { force: true }).catch(() => {});
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  // Exclusive creation does not follow a link planted under the temporary name.
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A link, unlike a rename, never replaces what another process has put there. */
async function place(temporary: string, file: string, linkTo: Link): Promise<boolean> {
  try {
    await linkTo(temporary, file);
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EEXIST") return false;
    if (errno === null || !NO_HARD_LINKS.has(errno)) throw error;
    await rename(temporary, file);
    return true;
  }
}

/** What file systems without hard links (FAT, some FUSE) answer. */
const NO_HARD_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EISDIR"]);

async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return; // a directory cannot be opened for sync there
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
