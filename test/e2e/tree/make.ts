import { linkSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Names of one inode; the filesystem allows some 65,000. */
const LINKS = 50;

/** Makes `count` files below a directory, quickly: most of them are further names of others. */
export function makeFiles(directory: string, count: number, perDirectory: number): void {
  let source = "";
  let folder = "";
  for (let index = 0; index < count; index += 1) {
    if (index % perDirectory === 0) {
      folder = join(directory, `d${index / perDirectory}`);
      mkdirSync(folder, { recursive: true });
    }
    const path = join(folder, `f${index}.md`);
    if (index % LINKS !== 0 && index % perDirectory !== 0) linkSync(source, path);
    else {
      source = path;
      writeFileSync(path, `${index}\n`);
    }
  }
}

/** Makes `count` files directly in a directory. */
export function fillDirectory(directory: string, count: number): void {
  mkdirSync(directory, { recursive: true });
  let source = "";
  for (let index = 0; index < count; index += 1) {
    const path = join(directory, `f${index}.md`);
    if (index % LINKS !== 0) linkSync(source, path);
    else {
      source = path;
      writeFileSync(path, `${index}\n`);
    }
  }
}
