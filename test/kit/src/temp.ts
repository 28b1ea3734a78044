import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A directory of a test's own, its links resolved; nothing outside it is touched. */
export interface TempDir {
  readonly path: string;
  at(...names: string[]): string;
  /** Writes a file, making its directories. @returns its path */
  write(name: string, content: string | Uint8Array): string;
  /** Makes a directory. @returns its path */
  mkdir(...names: string[]): string;
  remove(): void;
}

export function tempDir(prefix = "sigil-test-"): TempDir {
  const path = realpathSync(mkdtempSync(join(tmpdir(), prefix)));
  const at = (...names: string[]) => join(path, ...names);
  return {
    path,
    at,
    write(name, content) {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), content);
      return at(name);
    },
    mkdir(...names) {
      mkdirSync(at(...names), { recursive: true });
      return at(...names);
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
