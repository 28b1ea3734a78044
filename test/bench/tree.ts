import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomFrom } from "./stats.ts";

export interface Tree {
  readonly path: string;
  readonly files: number;
  readonly directories: number;
  readonly bytes: number;
}

/** Small files of 1 to 9 KB, no two alike, evenly over directories two levels deep. */
export function makeTree(path: string, files: number, directories: number): Tree {
  const random = randomFrom(files);
  const pool = Buffer.from(Uint8Array.from({ length: 16_384 }, () => random() * 256));
  let bytes = 0;
  for (let index = 0; index < files; index += 1) {
    const at = index % directories;
    const directory = join(path, `group-${at % 25}`, `part-${at}`);
    if (index < directories) mkdirSync(directory, { recursive: true });
    const size = 1000 + Math.floor(random() * 8000);
    const content = Buffer.from(pool.subarray(0, size));
    content.writeUInt32LE(index);
    writeFileSync(join(directory, `file-${index}.txt`), content);
    bytes += size;
  }
  return { path, files, directories, bytes };
}
