import * as fs from "node:fs";
import type { PathKey, Root, Snapshot } from "@sigil/core/plain";
import { createMatcher, DEFAULT_SETTINGS, type Settings } from "@sigil/core";
import { loadHasher, type Hasher } from "@sigil/ports/hash";
import type { Plan } from "../src/policy/plan.ts";
import { openState } from "../src/state/database.ts";
import { bytesOfKey, parentKey } from "../src/fs/keys.ts";
import type { StateWrite } from "../src/state/row.ts";
import { openStore, type Store } from "../src/state/store.ts";
import { createRowPacker, type PlainRows } from "../src/sweep/rows.ts";

export const hasher: Hasher = loadHasher();

export function root(given: Partial<Root> & Pick<Root, "base">): Root {
  return {
    targetId: "t",
    tier: "critical",
    pattern: null,
    recursive: false,
    followSymlinks: true,
    exclude: [],
    user: null,
    project: null,
    ...given,
  };
}

export function snapshot(given: Partial<Snapshot> = {}): Snapshot {
  return {
    type: "file",
    dev: 1n,
    ino: 10n,
    size: 5n,
    mtimeNs: 1000n,
    ctimeNs: 1000n,
    birthtimeNs: 500n,
    mode: 0o644,
    uid: 1000,
    gid: 1000,
    digest: `blake3:${"a".repeat(64)}`,
    incomplete: null,
    symlinkTarget: null,
    ...given,
  };
}

export function write(path: PathKey, given: Partial<StateWrite> = {}): StateWrite {
  return {
    path: bytesOfKey(path),
    parent: bytesOfKey(parentKey(path) ?? path),
    targetId: "t",
    generation: 1,
    touchedAt: 0,
    removedAt: null,
    snapshot: snapshot(),
    ...given,
  };
}

/** Rows of plain files of target `t`, all alike. */
export function rowsOf(...paths: readonly PathKey[]): PlainRows {
  const packer = createRowPacker(paths.length);
  for (const path of paths) {
    const stat = fs.statSync(import.meta.filename, { bigint: true });
    const parent = parentKey(path) ?? path;
    packer.add({
      kind: "plain",
      path,
      parent,
      targetId: "t",
      stat,
      digest: hasher.digest(Buffer.from(path)),
    });
  }
  const rows = packer.take();
  if (rows === null) throw new Error("no rows");
  return rows;
}

export function memoryStore(): Store {
  return openStore(openState(":memory:", 0).db);
}

export function planOf(roots: readonly Root[], given: Partial<Plan> = {}): Plan {
  return {
    targets: 1,
    roots,
    skipped: [],
    tierOf: (id) => roots.find(({ targetId }) => targetId === id)?.tier ?? null,
    matcher: createMatcher(roots, "linux"),
    platform: "linux",
    projects: [],
    scripts: [],
    looked: [],
    cut: [],
    linkOwners: () => null,
    indexOf: (of) => roots.indexOf(of),
    ...given,
  };
}

type Deep<T> = { readonly [K in keyof T]?: Partial<T[K]> };

/** The default settings with some of them set. */
export function settings(given: Deep<Settings> = {}): Settings {
  const groups = Object.entries(DEFAULT_SETTINGS).map(([name, values]) => [
    name,
    { ...values, ...given[name as keyof Settings] },
  ]);
  return Object.fromEntries(groups) as Settings;
}
