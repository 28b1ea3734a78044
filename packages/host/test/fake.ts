import { readFileSync } from "node:fs";
import type {
  CommandOutcome,
  FileFacts,
  FileReader,
  ReadOutcome,
  RunCommand,
  SystemFacts,
} from "../src/index.ts";

export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), "utf8");
}

const FACTS: FileFacts = { uid: 0, gid: 0, mode: 0o644 };

/** Files by path; a string is a readable file. Directories by path with their owner. */
export function memoryFiles(
  files: Readonly<Record<string, string | ReadOutcome>>,
  directories: Readonly<Record<string, number>> = {},
): FileReader & { readonly looked: string[] } {
  const looked: string[] = [];
  return {
    looked,
    async read(path, options = {}) {
      const found = files[path];
      if (found === undefined) return { kind: "absent" };
      if (typeof found !== "string") return found;
      const maxBytes = options.maxBytes ?? 65_536;
      if (Buffer.byteLength(found) > maxBytes) return { kind: "too_large", maxBytes };
      return { kind: "read", text: found, facts: FACTS };
    },
    async directory(path) {
      looked.push(path);
      const uid = directories[path];
      return uid === undefined ? null : { uid, gid: uid, mode: 0o755 };
    },
  };
}

/** Answers by command line; a string is a successful stdout; everything else is absent. */
export function fakeRun(
  answers: Readonly<Record<string, string | CommandOutcome>> = {},
): RunCommand & { readonly calls: string[] } {
  const calls: string[] = [];
  const run: RunCommand = async (tool, args) => {
    const line = [tool, ...args].join(" ");
    calls.push(line);
    const answer = answers[line];
    if (answer === undefined) return { kind: "absent" };
    if (typeof answer !== "string") return answer;
    return { kind: "exited", code: 0, stdout: answer, stderr: "" };
  };
  return Object.assign(run, { calls });
}

/** A system error as Node.js throws it. */
export function fault(code: string): Error {
  return Object.assign(new Error(code), { code });
}

export function exited(code: number, stdout: string, stderr = ""): CommandOutcome {
  return { kind: "exited", code, stdout, stderr };
}

export function fakeSystem(facts: Partial<Record<keyof SystemFacts, string>> = {}): SystemFacts {
  return {
    hostname: () => facts.hostname ?? "build-7",
    arch: () => facts.arch ?? "x64",
    kernel: () => facts.kernel ?? "6.1.0-18-amd64",
    version: () => facts.version ?? "#1 SMP",
    user: () => facts.user ?? "alice",
  };
}
