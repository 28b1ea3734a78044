import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { EXIT, print, printJson } from "@sigil/cli";
import { messageOf } from "@sigil/core/plain";
import Database from "better-sqlite3";
import { filesOf, loadSettings } from "../config.ts";
import { fail } from "../errors.ts";
import { syncDirectory } from "../files.ts";
import type { CommandContext } from "./context.ts";

/**
 * `sigil-server backup`: each store as it is at one moment, whoever writes it meanwhile.
 * @throws SIGIL_SERVER_BACKUP; then nothing is left of it
 */
export async function backup(
  { config }: CommandContext,
  directory: string,
  flags: { readonly json?: boolean },
): Promise<number> {
  const target = resolve(directory);
  const { store, registry, authority, ownCertificate } = filesOf(config, loadSettings(config));
  if (existsSync(target)) throw fail("SIGIL_SERVER_BACKUP", `${target} exists`);
  process.umask(0o077);
  const made: string[] = [];
  try {
    mkdirSync(target, { recursive: true, mode: 0o700 });
    // The registry last: a host whose events are in the copy is then known in it too.
    for (const file of [store, registry]) made.push(...(await copyStore(file, target)));
    for (const folder of [authority.directory, dirname(ownCertificate)])
      made.push(...copyFolder(folder, target));
    syncDirectory(target);
  } catch (error) {
    rmSync(target, { recursive: true, force: true });
    throw fail("SIGIL_SERVER_BACKUP", `the backup failed: ${messageOf(error)}`, { cause: error });
  }
  if (flags.json) printJson({ directory: target, files: made });
  else for (const file of made) print(file);
  return EXIT.ok;
}

async function copyStore(file: string, target: string): Promise<string[]> {
  if (!existsSync(file)) return [];
  const copy = join(target, basename(file));
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    await db.backup(copy);
  } finally {
    db.close();
  }
  return [copy];
}

function copyFolder(folder: string, target: string): string[] {
  if (!existsSync(folder)) return [];
  const copy = join(target, basename(folder));
  cpSync(folder, copy, { recursive: true, errorOnExist: true, force: false, mode: 0 });
  return [copy];
}
