import { visit } from "jsonc-parser";

export interface Keys {
  readonly keys: readonly string[];
  /** False: there were more, or they are nested deeper than can be read. */
  readonly complete: boolean;
}

/** Ends the reading of a text. */
const ENOUGH = new Error("enough");

/**
 * The keys of a JSON text's object, or of the object under one of its keys, read as the tools do: with comments and
 * trailing commas. Nothing else of the text is kept: as values its millions of keys would cost seconds and memory.
 * @param counts only keys that fit are kept @param max keys kept
 */
export function keysOfJson(
  text: string,
  under: string | null,
  counts: (key: string) => boolean,
  max: number,
): Keys {
  const keys: string[] = [];
  const level = under === null ? 1 : 2;
  let depth = 0;
  let top: string | null = null;
  const enter = () => void (depth += 1);
  const leave = () => void (depth -= 1);
  try {
    visit(text, {
      onObjectBegin: enter,
      onObjectEnd: leave,
      onArrayBegin: enter,
      onArrayEnd: leave,
      onObjectProperty(key) {
        if (depth === 1) top = key;
        if (depth !== level || (under !== null && top !== under) || !counts(key)) return;
        if (keys.length >= max) throw ENOUGH;
        keys.push(key);
      },
    });
  } catch {
    // Nested without end, it overflows the parser's stack: its writer must not be able to end the agent with it.
    return { keys, complete: false };
  }
  return { keys, complete: true };
}
