import { Buffer } from "node:buffer";
import { DatabaseSync } from "node:sqlite";
import type { SigilEvent } from "@sigil/core";
import { exportSpool, nodeFiles } from "@sigil/spool";
import { spoolHash } from "../digest.ts";
import { fileEvents, parseEvent, type FileEvent } from "../events.ts";
import type { Rel } from "./place.ts";

/** An event with its place in the spool. */
export interface Line {
  readonly sequence: number;
  readonly event: SigilEvent;
}

// The spool of an agent that runs as another user is read here as root.
const files = { ...nodeFiles, uid: null };

/** Every line of a spool from a sequence on; each is checked against the schema, and no gap is accepted. */
export async function linesOf(dir: string, from = 1): Promise<Line[]> {
  const lines: Line[] = [];
  const onGap = (gap: unknown) => {
    throw new Error(`the spool has a gap: ${JSON.stringify(gap)}`);
  };
  for await (const { sequence, bytes } of exportSpool({ dir, hash: spoolHash, from, onGap, files }))
    lines.push({ sequence, event: parseEvent(bytes.toString("utf8")) });
  return lines;
}

/** What the spool says of a path last. `gone`: that nothing is there. */
export type Said =
  | { readonly kind: "gone"; readonly sequence: number; readonly by: FileEvent }
  | { readonly kind: "there"; readonly sequence: number; readonly event: FileEvent };

/** The last word of every path below a home. */
export function lastWords(home: string, lines: readonly Line[]): Map<Rel, Said> {
  const words = new Map<Rel, Said>();
  for (const { sequence, event } of lines) {
    const [file] = fileEvents([event]);
    const rel = file ? relOf(home, file) : null;
    if (!file || rel === null) continue;
    const { rename_from: from, change_kind: kind } = file.evidence;
    if (from !== null && from.startsWith(`${home}/`))
      words.set(textRel(home, from), { kind: "gone", sequence, by: file });
    words.set(
      rel,
      kind === "removed"
        ? { kind: "gone", sequence, by: file }
        : { kind: "there", sequence, event: file },
    );
  }
  return words;
}

/** The path of an event, from its bytes; null: elsewhere. */
export function relOf(home: string, { subject }: FileEvent): Rel | null {
  if (subject.kind !== "path") return null;
  const whole =
    subject.raw_base64 === undefined
      ? Buffer.from(subject.value)
      : Buffer.from(subject.raw_base64, "base64");
  const text = whole.toString("latin1");
  return text.startsWith(`${home}/`) ? text.slice(home.length + 1) : null;
}

/** The path an event names by text alone: it is that very path, or the name could not be told from another. */
export function textRel(home: string, path: string): Rel {
  return Buffer.from(path)
    .toString("latin1")
    .slice(home.length + 1);
}

export interface Row {
  readonly gone: boolean;
  readonly hash: string | null;
  readonly link: string | null;
}

/** What the state knows: all there is of a standard file at its first sight. */
export function stateRows(file: string, home: string): Map<Rel, Row> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = db
      .prepare("SELECT path, removed_at, digest, symlink_target FROM paths")
      .all() as unknown as {
      path: Uint8Array;
      removed_at: number | null;
      digest: Uint8Array | null;
      symlink_target: string | null;
    }[];
    return new Map(
      rows.map((row) => [
        Buffer.from(row.path)
          .toString("latin1")
          .slice(home.length + 1),
        {
          gone: row.removed_at !== null,
          hash: row.digest === null ? null : `blake3:${Buffer.from(row.digest).toString("hex")}`,
          link: row.symlink_target,
        },
      ]),
    );
  } finally {
    db.close();
  }
}
