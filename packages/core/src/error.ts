/** What the docs and the command line say about one error code. */
export interface ErrorSpec {
  /** One sentence, without the particulars: what went wrong. */
  readonly summary: string;
  /** What the reader can do about it. */
  readonly hint: string;
}

/** Small facts for logs; never file contents, never secrets. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | null>>;

export interface SigilErrorOptions {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly context?: ErrorContext;
}

/**
 * A failure: something that should have worked did not (design §7, kind 1).
 * Each package narrows `Code` to the keys of its own error table.
 */
export class SigilError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly context: ErrorContext;

  constructor(code: Code, message: string, options: SigilErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "SigilError";
    this.code = code;
    this.hint = options.hint;
    this.context = options.context ?? {};
  }
}

/** Keeps the literal keys of an error table, which are its package's code union. */
export function defineErrors<const Table extends Readonly<Record<`SIGIL_${string}`, ErrorSpec>>>(
  table: Table,
): Table {
  return table;
}

/** Builds one package's `fail(code, message, …)`: the hint comes from the table unless given. */
export function errorFactory<Table extends Readonly<Record<string, ErrorSpec>>>(table: Table) {
  return function fail<Code extends keyof Table & string>(
    code: Code,
    message: string,
    options: SigilErrorOptions = {},
  ): SigilError<Code> {
    const hint = options.hint ?? table[code]?.hint;
    return new SigilError(code, message, hint === undefined ? options : { ...options, hint });
  };
}

/** The `code` of a Node.js system error (`ENOENT`, `ENOSPC`, …), or null. */
export function errnoOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
