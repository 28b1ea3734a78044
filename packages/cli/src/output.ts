import { fstatSync, writeSync } from "node:fs";
import { errnoOf } from "@sigil/core/plain";

/** `sigil scan … | head` is no failure: when the reader has gone away there is no one left to tell. */
function onBrokenPipe(error: Error): void {
  if (errnoOf(error) === "EPIPE") process.exit(0);
  throw error;
}

type Name = "stdout" | "stderr";
type OnError = (error: Error) => void;

const made = new Map<Name, NodeJS.WriteStream>();
/** This process is the program and prints for it, rather than for whoever called `main`. */
let isProgram = false;

/** The streams get their handlers when something uses them: making one loads the network's module, 4 ms of a scan. */
export function endQuietlyWithoutReader(): void {
  isProgram = true;
  watch("stdout", onBrokenPipe);
  watch("stderr", () => undefined);
}

function watch(name: Name, onError: OnError): void {
  const make = Object.getOwnPropertyDescriptor(process, name)?.get?.bind(process);
  if (!make) return void keep(name, process[name], onError);
  const get = () => made.get(name) ?? keep(name, make() as NodeJS.WriteStream, onError);
  Object.defineProperty(process, name, { configurable: true, enumerable: true, get });
}

function keep(name: Name, stream: NodeJS.WriteStream, onError: OnError): NodeJS.WriteStream {
  made.set(name, stream);
  return stream.on("error", onError);
}

/** The agent outlives whoever reads what it prints. */
export function liveOnWithoutReader(): void {
  process.stdout.off("error", onBrokenPipe);
  process.stdout.on("error", () => undefined);
}

/** Resolves when everything written so far is out: `process.exit` waits for no pipe on macOS and Windows. */
export async function flushed(): Promise<void> {
  await Promise.all([...made.values()].map(drained));
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}

const STDOUT = 1;

/** Writes to standard output: at once where that is a pipe or a file, else by its stream. */
export function write(text: string): void {
  const isDirect = isProgram && !made.has("stdout") && process.platform !== "win32";
  const rest = isDirect && !mayBeTerminal(STDOUT) ? writeAtOnce(Buffer.from(text)) : text;
  if (rest.length > 0) process.stdout.write(rest);
}

/** @returns what a pipe that does not wait would not take */
function writeAtOnce(bytes: Buffer): Buffer {
  let at = 0;
  try {
    while (at < bytes.length) at += writeSync(STDOUT, bytes, at);
  } catch (error) {
    if (errnoOf(error) === "EPIPE") process.exit(0);
    if (errnoOf(error) !== "EAGAIN") throw error;
  }
  return bytes.subarray(at);
}

/** False for a pipe or a file, without making the stream. */
export function mayBeTerminal(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return !stat.isFIFO() && !stat.isSocket() && !stat.isFile();
  } catch {
    return true;
  }
}
