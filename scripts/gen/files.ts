/** Compares generated text with what is on disk. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Generated files that are missing or differ, and files in `folders` that nothing generates; relative paths, sorted. */
export async function staleFiles(
  root: string,
  wanted: ReadonlyMap<string, string>,
  folders: readonly string[],
): Promise<string[]> {
  const stale = await orphans(root, wanted, folders);
  for (const [file, text] of wanted) {
    if ((await current(join(root, file))) !== text) stale.push(file);
  }
  return stale.toSorted();
}

/** Makes what is on disk what is wanted. @returns the files that changed */
export async function writeFiles(
  root: string,
  wanted: ReadonlyMap<string, string>,
  folders: readonly string[],
): Promise<string[]> {
  const stale = await staleFiles(root, wanted, folders);
  for (const file of stale) {
    const text = wanted.get(file);
    if (text === undefined) await rm(join(root, file));
    else {
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), text);
    }
  }
  return stale;
}

/** A checkout with CRLF holds the same text. */
async function current(path: string): Promise<string | null> {
  try {
    return (await readFile(path, "utf8")).replaceAll("\r\n", "\n");
  } catch {
    return null;
  }
}

async function orphans(
  root: string,
  wanted: ReadonlyMap<string, string>,
  folders: readonly string[],
): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders) {
    const names = await readdir(join(root, folder)).catch(() => []);
    found.push(...names.map((name) => `${folder}/${name}`).filter((file) => !wanted.has(file)));
  }
  return found;
}
