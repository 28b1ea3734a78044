import { readFileSync } from "node:fs";

/** One finished system call, as strace wrote it down with `-xx -y`. */
export interface Call {
  readonly name: string;
  /** Its arguments, strings still escaped. */
  readonly args: readonly string[];
  readonly result: number;
}

/** The calls that a trace shows, in the order they ended. Calls that failed are left out. */
export function readTrace(file: string): Call[] {
  const begun = new Map<string, string>();
  const calls: Call[] = [];
  for (const line of readFileSync(file, "latin1").split("\n")) {
    const [, pid, text] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (pid === undefined || text === undefined) continue;
    if (text.endsWith("<unfinished ...>")) {
      begun.set(pid, text.slice(0, -"<unfinished ...>".length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1];
    const call = callOf(resumed === undefined ? text : (begun.get(pid) ?? "") + resumed);
    if (call !== null) calls.push(call);
  }
  return calls;
}

function callOf(text: string): Call | null {
  const [, name, args, result] = /^(\w+)\((.*)\) += (\d+)/.exec(text) ?? [];
  if (name === undefined || args === undefined) return null;
  return {
    name,
    args: args.split(/, (?=(?:[^"]*"[^"]*")*[^"]*$)/).map((one) => one.trim()),
    result: Number(result),
  };
}

/** The bytes of an escaped string: `"\x7b\x0a"`. */
export function bytesOf(argument: string): Buffer {
  return Buffer.from(argument.replaceAll(/[^0-9a-f]|\\x/g, ""), "hex");
}

/** A descriptor and what it is open on: `42<\x2f\x74>`. */
export function descriptorOf(argument: string): { readonly fd: number; readonly path: string } {
  const [, fd, path] = /^(\d+)<([^>]*)>/.exec(argument) ?? [];
  return { fd: Number(fd), path: bytesOf(path ?? "").toString("utf8") };
}
