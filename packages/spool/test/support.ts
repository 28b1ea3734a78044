import { createHash, hash as hashOnce } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import {
  exportSpool,
  nodeFiles,
  type ExportedLine,
  type Gap,
  type SpoolFiles,
  type SpoolHandle,
  type SpoolHash,
  type SpoolLock,
  type SpoolReport,
} from "../src/index.ts";

/** Stands in for BLAKE3: the port only asks for 32 bytes. */
export const testHash: SpoolHash = {
  digest: (bytes) => hashOnce("sha256", bytes, "buffer"),
  create: () => {
    const hasher = createHash("sha256");
    return {
      update: (bytes) => void hasher.update(bytes),
      digest: () => hasher.digest(),
    };
  },
};

/** A lock that knows its holders, in this process. */
export function makeLock(): SpoolLock & { readonly breakAll: () => void } {
  const held = new Set<string>();
  return {
    acquire: (dir) => {
      if (held.has(dir)) throw new Error(`locked: ${dir}`);
      held.add(dir);
      return { release: () => void held.delete(dir) };
    },
    breakAll: () => held.clear(),
  };
}

export function makeClock(start = Date.UTC(2026, 0, 1)) {
  let now = start;
  return {
    now: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

export function line(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

export function lines(count: number, from = 1, pad = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => {
    return line(`{"n":${from + at}${pad > 0 ? `,"pad":"${"x".repeat(pad)}"` : ""}}`);
  });
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const handles = new Set<SpoolHandle>();

/** The real disk; what a killed or forgotten producer leaves open is closed after the test. */
export const realFiles: SpoolFiles = {
  ...nodeFiles,
  openRead: async (path) => track(await nodeFiles.openRead(path)),
  openWrite: async (path) => track(await nodeFiles.openWrite(path)),
  create: async (path) => track(await nodeFiles.create(path)),
};

function track(handle: SpoolHandle): SpoolHandle {
  handles.add(handle);
  const close = async () => {
    handles.delete(handle);
    await handle.close();
  };
  return { ...handle, close };
}

const temps: string[] = [];

/** An empty directory, removed after the test. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), "spool-test-"));
  temps.push(dir);
  return dir;
}

afterEach(async () => {
  for (const handle of handles) await handle.close();
  handles.clear();
  for (const dir of temps.splice(0)) rmSync(dir, { recursive: true, force: true });
});

export function collector() {
  const reports: SpoolReport[] = [];
  return { reports, onReport: (report: SpoolReport) => void reports.push(report) };
}

export type Dump = { readonly lines: ReadonlyMap<number, string>; readonly gaps: readonly Gap[] };

/** Everything a spool holds from a sequence on. */
export async function dump(dir: string, files?: SpoolFiles, from = 1): Promise<Dump> {
  const found = new Map<number, string>();
  const gaps: Gap[] = [];
  const options = { dir, hash: testHash, from, onGap: (gap: Gap) => void gaps.push(gap) };
  for await (const item of exportSpool(files === undefined ? options : { ...options, files })) {
    found.set(item.sequence, text(item.bytes));
  }
  return { lines: found, gaps };
}

export function texts(found: readonly ExportedLine[]): readonly string[] {
  return found.map((one) => text(one.bytes));
}
