import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bytesOf, descriptorOf, type Call } from "./trace.ts";

/** What a power cut keeps or drops of a file is decided for pieces of this size. */
const SECTOR_BYTES = 512;

interface Inode {
  readonly directory: boolean;
  bytes: Buffer;
  durable: Buffer;
}

type Names = Map<string, Inode>;

/**
 * A disk below one directory that forgets, fed with the system calls of a real program: until it is synced, a piece of
 * a file and a name in a directory may each be kept or dropped by a power cut.
 */
export class ReplayedDisk {
  readonly #root: string;
  readonly #open = new Map<number, Inode>();
  readonly #current = new Map<string, Names>();
  readonly #durable = new Map<string, Names>();
  /** What the program wrote to its standard output. */
  printed = "";

  constructor(root: string) {
    this.#root = root;
    this.#current.set(root, new Map());
    this.#durable.set(root, new Map());
  }

  apply({ name, args, result }: Call): void {
    const [first = "", second = "", third = "", fourth = ""] = args;
    if (name === "mkdir") return this.#mkdir(pathOf(first));
    if (name === "rename") return this.#rename(pathOf(first), pathOf(second));
    if (name === "unlink") return this.#unlink(pathOf(first));
    if (name === "openat") return this.#openAt(pathOf(second), third, result);
    const { fd, path } = descriptorOf(first);
    if (name === "write" && fd === 1) this.printed += bytesOf(second).toString("utf8");
    if (!path.startsWith(this.#root)) return;
    if (name === "fsync" || name === "fdatasync") return this.#sync(fd, path);
    const inode = this.#open.get(fd);
    if (inode === undefined) return;
    if (name === "pwrite64") inode.bytes = written(inode.bytes, bytesOf(second), Number(fourth));
    if (name === "write") inode.bytes = Buffer.concat([inode.bytes, bytesOf(second)]);
    if (name === "ftruncate") inode.bytes = sized(inode.bytes, Number(second));
  }

  /** Writes what a power cut leaves below `root`. @param random from 0 to 1 */
  cut(random: () => number): void {
    this.#leave(this.#root, random);
  }

  #leave(directory: string, random: () => number): void {
    mkdirSync(directory, { recursive: true });
    const current = this.#current.get(directory) ?? new Map<string, Inode>();
    const durable = this.#durable.get(directory) ?? new Map<string, Inode>();
    for (const name of new Set([...current.keys(), ...durable.keys()])) {
      const inode = random() < 0.5 ? current.get(name) : durable.get(name);
      const path = join(directory, name);
      if (inode?.directory === true) this.#leave(path, random);
      // SQLite's shared memory is written without calls, and means nothing after a restart.
      else if (inode !== undefined && !name.endsWith("-shm"))
        writeFileSync(path, surviving(inode, random));
    }
  }

  #names(path: string): Names | undefined {
    return this.#current.get(dirname(path));
  }

  #mkdir(path: string): void {
    if (path.startsWith(this.#root) && !this.#current.has(path)) {
      this.#names(path)?.set(nameOf(path), fresh(true));
      this.#current.set(path, new Map());
      this.#durable.set(path, new Map());
    }
  }

  #openAt(path: string, flags: string, fd: number): void {
    const names = this.#names(path);
    if (names === undefined) {
      this.#open.delete(fd);
      return;
    }
    const inode = names.get(nameOf(path)) ?? fresh(false);
    if (flags.includes("O_CREAT")) names.set(nameOf(path), inode);
    if (flags.includes("O_TRUNC")) inode.bytes = Buffer.alloc(0);
    this.#open.set(fd, inode);
  }

  #rename(from: string, to: string): void {
    const inode = this.#names(from)?.get(nameOf(from));
    if (inode === undefined) return;
    this.#names(from)?.delete(nameOf(from));
    this.#names(to)?.set(nameOf(to), inode);
  }

  #unlink(path: string): void {
    this.#names(path)?.delete(nameOf(path));
  }

  #sync(fd: number, path: string): void {
    const names = this.#current.get(path);
    if (names !== undefined) {
      this.#durable.set(path, new Map(names));
      return;
    }
    const inode = this.#open.get(fd);
    if (inode !== undefined) inode.durable = inode.bytes;
  }
}

function fresh(directory: boolean): Inode {
  return { directory, bytes: Buffer.alloc(0), durable: Buffer.alloc(0) };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

function pathOf(argument: string): string {
  return bytesOf(argument).toString("utf8");
}

function sized(bytes: Buffer, length: number): Buffer {
  return Buffer.concat([bytes.subarray(0, length)], length);
}

function written(bytes: Buffer, piece: Buffer, at: number): Buffer {
  const next = sized(bytes, Math.max(bytes.length, at + piece.length));
  piece.copy(next, at);
  return next;
}

function surviving({ bytes, durable }: Inode, random: () => number): Buffer {
  const left = sized(durable, random() < 0.5 ? bytes.length : durable.length);
  const full = sized(bytes, left.length);
  for (let at = 0; at < left.length; at += SECTOR_BYTES)
    if (random() < 0.5) full.copy(left, at, at, at + SECTOR_BYTES);
  return left;
}
