import type { Fold } from "./segment.ts";
import type { ExpandContext } from "./expand.ts";

/**
 * The names a platform's usual file system takes for one: by bytes on Linux, without case on Windows, without case and
 * composition on macOS. Upper case comes first: APFS opens `settings.json` for a file named `ſettings.json` (U+017F),
 * which lower case alone would keep apart. A name taken for watched that is not is harmless; the reverse is not.
 */
export function foldFor(platform: ExpandContext["platform"]): Fold {
  if (platform === "linux") return (text) => text;
  if (platform === "windows") return foldCase;
  return (text) => (isAscii(text) ? text.toLowerCase() : foldCase(text.normalize("NFC")));
}

function foldCase(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  // Character by character, since the lower case of a whole text knows word ends (Σ).
  let folded = "";
  for (const char of text) folded += char.toUpperCase().toLowerCase();
  return folded;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) > 0x7f) return false;
  }
  return true;
}
