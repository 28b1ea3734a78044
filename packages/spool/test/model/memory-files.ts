import { basename, dirname } from "node:path";
import type { FileFacts, SpoolFiles, SpoolHandle } from "../../src/index.ts";

/** What survives a power cut is decided per piece of this many bytes, and per directory entry. */
const SECTOR_BYTES = 32;

/** When every file was last written: the time at which the tests' clock starts. */
const WRITTEN_AT = Date.UTC(2026, 0, 1);

type Node = {
  current: Uint8Array<ArrayBuffer>;
  durable: Uint8Array<ArrayBuffer>;
  mtime: number;
  readonly id: string;
};
let made = 0;
const newId = () => String((made += 1));
type Entries = Map<string, Node>;
type Directory = { current: Entries; durable: Entries };

export type Operation =
  | "openRead"
  | "openWrite"
  | "create"
  | "write"
  | "truncate"
  | "datasync"
  | "rename"
  | "unlink"
  | "syncDir"
  | "read"
  | "stat"
  | "readdir"
  | "lstat"
  | "mkdir";

/** Gives a whole number from 0 to `below` - 1. */
export type Dice = (below: number) => number;

/**
 * A disk in memory that forgets: until `datasync` a file's bytes, and until `syncDir` a directory's
 * names, may each be kept or dropped by a power cut.
 */
export class MemoryDisk {
  readonly #dice: Dice;
  readonly #dirs = new Map<string, Directory>();
  #generation = 0;
  #left = Infinity;
  /** Room for all files together, in bytes. */
  capacity = Infinity;
  /** Returns the errno an operation shall fail with. */
  fault: (operation: Operation, path: string) => string | null = () => null;
  log: string[] = [];
  openHandles = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** After so many operations more, every operation fails until `revive`. */
  dieAfter(operations: number): void {
    this.#left = operations;
  }

  get isDead(): boolean {
    return this.#left <= 0;
  }

  get used(): number {
    let bytes = 0;
    for (const dir of this.#dirs.values()) {
      for (const node of dir.current.values()) bytes += node.current.length;
    }
    return bytes;
  }

  /** The process is gone; the operating system is not. */
  kill(): void {
    this.#generation += 1;
    this.#left = Infinity;
  }

  /** The power is gone. */
  cutPower(): void {
    this.kill();
    for (const dir of this.#dirs.values()) {
      dir.current = this.#surviving(dir);
      dir.durable = new Map(dir.current);
    }
    const nodes = new Set([...this.#dirs.values()].flatMap((dir) => [...dir.current.values()]));
    for (const node of nodes) this.#settle(node);
  }

  /** Every file, by path. */
  snapshot(): ReadonlyMap<string, Uint8Array> {
    const found = new Map<string, Uint8Array>();
    for (const [path, dir] of this.#dirs) {
      for (const [name, node] of dir.current) found.set(`${path}/${name}`, node.current.slice());
    }
    return found;
  }

  /** A disk with these files, all durable. */
  static holding(snapshot: ReadonlyMap<string, Uint8Array>, dice: Dice = () => 0): MemoryDisk {
    const disk = new MemoryDisk(dice);
    for (const [path, bytes] of snapshot) disk.put(path, bytes);
    return disk;
  }

  put(path: string, bytes: Uint8Array): void {
    const node = { current: bytes.slice(), durable: bytes.slice(), mtime: WRITTEN_AT, id: newId() };
    const dir = this.#dirs.get(dirname(path)) ?? { current: new Map(), durable: new Map() };
    this.#dirs.set(dirname(path), dir);
    dir.current.set(basename(path), node);
    dir.durable.set(basename(path), node);
  }

  get files(): SpoolFiles {
    return {
      uid: 1000,
      openRead: async (path) => this.#open("openRead", path),
      openWrite: async (path) => this.#open("openWrite", path),
      create: async (path) => this.#create(path),
      lstat: async (path) => this.#lstat(path),
      readdir: async (path) => {
        this.#step("readdir", path);
        return [...this.#dir(path).current.keys()];
      },
      mkdir: async (path) => {
        this.#step("mkdir", path);
        this.#dirs.set(path, { current: new Map(), durable: new Map() });
      },
      rename: async (from, to) => this.#rename(from, to),
      unlink: async (path) => {
        this.#step("unlink", path);
        this.#node(path);
        this.#dir(dirname(path)).current.delete(basename(path));
      },
      syncDir: async (path) => {
        this.#step("syncDir", path);
        const dir = this.#dirs.get(path);
        if (dir !== undefined) dir.durable = new Map(dir.current);
      },
    };
  }

  #step(operation: Operation, path: string): void {
    this.#left -= 1;
    if (this.#left <= 0) throw errno("EIO", "the machine is down");
    this.log.push(`${operation} ${basename(path)}`);
    const code = this.fault(operation, path);
    if (code !== null) throw errno(code, `${operation} ${path}`);
  }

  #dir(path: string): Directory {
    const dir = this.#dirs.get(path);
    if (dir === undefined) throw errno("ENOENT", path);
    return dir;
  }

  #node(path: string): Node {
    const node = this.#dir(dirname(path)).current.get(basename(path));
    if (node === undefined) throw errno("ENOENT", path);
    return node;
  }

  #lstat(path: string): FileFacts | null {
    this.#step("lstat", path);
    if (this.#dirs.has(path)) return { kind: "directory", size: 0, uid: 1000, mtime_ms: 0, id: "" };
    const node = this.#dirs.get(dirname(path))?.current.get(basename(path));
    return node === undefined ? null : factsOf(node);
  }

  #create(path: string): SpoolHandle {
    this.#step("create", path);
    const { current } = this.#dir(dirname(path));
    if (current.has(basename(path))) throw errno("EEXIST", path);
    const node = {
      current: new Uint8Array(0),
      durable: new Uint8Array(0),
      mtime: WRITTEN_AT,
      id: newId(),
    };
    current.set(basename(path), node);
    return this.#handle(node, path);
  }

  #open(operation: Operation, path: string): SpoolHandle {
    this.#step(operation, path);
    return this.#handle(this.#node(path), path);
  }

  #rename(from: string, to: string): void {
    this.#step("rename", to);
    const node = this.#node(from);
    this.#dir(dirname(from)).current.delete(basename(from));
    this.#dir(dirname(to)).current.set(basename(to), node);
  }

  #handle(node: Node, path: string): SpoolHandle {
    const generation = this.#generation;
    let isOpen = true;
    this.openHandles += 1;
    const step = (operation: Operation) => {
      if (generation !== this.#generation) throw errno("EBADF", "opened before the crash");
      this.#step(operation, path);
    };
    return {
      stat: async () => {
        step("stat");
        return factsOf(node);
      },
      read: async (into, position) => {
        step("read");
        const bytes = node.current.subarray(position, position + into.length);
        into.set(bytes);
        return bytes.length;
      },
      write: async (bytes, position) => this.#write(node, bytes, position, () => step("write")),
      truncate: async (length) => {
        step("truncate");
        node.current = resized(node.current, length);
      },
      datasync: async () => {
        step("datasync");
        node.durable = node.current.slice();
      },
      close: async () => {
        if (isOpen) this.openHandles -= 1;
        isOpen = false;
      },
    };
  }

  #write(node: Node, bytes: Uint8Array, position: number, step: () => void): void {
    try {
      step();
    } catch (error) {
      // The machine may go down, or the disk fill up, in the middle of a write.
      if (this.isDead) put(node, bytes.subarray(0, this.#dice(bytes.length + 1)), position);
      throw error;
    }
    const growth = Math.max(0, position + bytes.length - node.current.length);
    const room = Math.max(0, this.capacity - this.used);
    if (growth <= room) return put(node, bytes, position);
    put(node, bytes.subarray(0, Math.max(0, bytes.length - growth + room)), position);
    throw errno("ENOSPC", "no room");
  }

  #surviving({ current, durable }: Directory): Entries {
    const kept: Entries = new Map();
    for (const name of new Set([...current.keys(), ...durable.keys()])) {
      const node = this.#dice(2) === 0 ? current.get(name) : durable.get(name);
      if (node !== undefined) kept.set(name, node);
    }
    return kept;
  }

  #settle(node: Node): void {
    const { current, durable } = node;
    const low = Math.min(current.length, durable.length);
    const high = Math.max(current.length, durable.length);
    const length = [low, high, low + this.#dice(high - low + 1)][this.#dice(3)] ?? low;
    const bytes = resized(durable, length);
    for (let at = 0; at < length; at += SECTOR_BYTES) {
      if (this.#dice(2) === 0)
        bytes.set(resized(current, length).subarray(at, at + SECTOR_BYTES), at);
    }
    node.current = bytes;
    node.durable = bytes.slice();
  }
}

function factsOf(node: Node): FileFacts {
  return { kind: "file", size: node.current.length, uid: 1000, mtime_ms: node.mtime, id: node.id };
}

function put(node: Node, bytes: Uint8Array, position: number): void {
  const length = Math.max(node.current.length, position + bytes.length);
  const next = resized(node.current, length);
  next.set(bytes, position);
  node.current = next;
}

function resized(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(length);
  next.set(bytes.subarray(0, length));
  return next;
}

function errno(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
