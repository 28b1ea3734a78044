import { tempDir, type TempDir } from "@sigil/testkit";
import { vi } from "vitest";
import { main } from "../../src/cli.ts";

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A directory with keys in it, and the program run there. */
export interface Bench extends TempDir {
  /** Words that begin with `@` are files of the directory. */
  run(...line: readonly string[]): Promise<Outcome>;
  /** As {@link run}, and fails unless it ends with 0. @returns what it printed */
  ok(...line: readonly string[]): Promise<string>;
}

export function bench(): Bench {
  const dir = tempDir("sigil-sign-");
  const run = (...line: readonly string[]) =>
    captured(line.map((word) => word.replace(/@/, `${dir.path}/`)));
  return {
    ...dir,
    run,
    async ok(...line) {
      const { code, stdout, stderr } = await run(...line);
      if (code !== 0) throw new Error(`${line.join(" ")} ended with ${code}: ${stderr}`);
      return stdout;
    },
  };
}

/** The command line in this process: what it prints is caught. */
async function captured(args: readonly string[]): Promise<Outcome> {
  let [stdout, stderr] = ["", ""];
  const out = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  const error = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
  try {
    return { code: await main(args), stdout, stderr };
  } finally {
    out.mockRestore();
    error.mockRestore();
  }
}

/** Code and hint of `sigil-sign: error: … [CODE]`. */
export function complaint({ stderr }: Outcome): { readonly code: string; readonly hint: string } {
  return {
    code: /^sigil-sign: error: .* \[(SIGIL_\w+)\]$/m.exec(stderr)?.[1] ?? "",
    hint: /^sigil-sign: hint: (.+)$/m.exec(stderr)?.[1] ?? "",
  };
}

const POLICY = "version: 1\nworkspaces:\n  - ~/code\n";

/** Keys `root.key`, `policy.key`, `other.key`, trust root `root-1.json`, `trust.json` and `policy.yaml`. */
export async function ceremony(): Promise<Bench> {
  const here = bench();
  for (const name of ["root", "policy", "other"])
    await here.ok("keygen", "--out", `@${name}.key`, "--no-passphrase");
  here.write("policy.yaml", POLICY);
  const init = "root init --root-key @root.key.pub --policy-key @policy.key.pub --expires 1y";
  await here.ok(...words(init), "--key", "@root.key", "--out", "@root-1.json");
  const trust = "root trust @root-1.json --tenant acme --group eng --out @trust.json";
  await here.ok(...words(trust));
  return here;
}

export const SIGN = words(
  "sign @policy.yaml --key @policy.key --policy-version 7 --expires 90d --tenant acme",
);

/** A command line without names that have spaces. */
export function words(line: string): string[] {
  return line.split(" ");
}
