import { createHmac } from "node:crypto";
import { type RunCommand, whyNoAnswer } from "./command.ts";
import { parseIoreg } from "./darwin.ts";
import { type FileReader, whyUnread } from "./file.ts";
import { parseMachineId } from "./linux.ts";
import type { Platform } from "./platform.ts";
import { parseMachineGuid } from "./win32.ts";

/** `digest`: 16 lower-case hexadecimal characters. `origin`: the file or tool that was asked. */
export type MachineDigest =
  | { readonly kind: "found"; readonly digest: string; readonly origin: string }
  | { readonly kind: "missing"; readonly why: string };

/** Changing this text gives every host a new id. */
const APPLICATION = "sigil/host-id/v1";

const LINUX_FILES = ["/etc/machine-id", "/var/lib/dbus/machine-id"];
const MACHINE_ID_BYTES = 4096;

/**
 * The operating system's machine id, keyed-hashed. machine-id(5) calls the id confidential and
 * asks for a keyed hash over an application's own constant, so that ids of different
 * applications cannot be linked; the raw id never leaves this module.
 *
 * A machine-id file that is a link is not read: it must be the file that was set up at install.
 */
export async function machineDigest(input: {
  readonly platform: Platform;
  readonly files: FileReader;
  readonly run: RunCommand;
}): Promise<MachineDigest> {
  switch (input.platform) {
    case "linux":
      return fromFiles(input.files);
    case "macos":
      return fromTool(input.run, "ioreg", ["-rd1", "-c", "IOPlatformExpertDevice"], parseIoreg);
    case "windows":
      return fromTool(input.run, "reg", MACHINE_GUID_QUERY, parseMachineGuid);
  }
}

const MACHINE_GUID_QUERY = [
  "query",
  "HKLM\\SOFTWARE\\Microsoft\\Cryptography",
  "/v",
  "MachineGuid",
];

/** HMAC-SHA256 keyed by the id's 16 bytes; the first 8 bytes of it, in hexadecimal. */
function digestOf(id: string): string {
  const key = Buffer.from(id.replaceAll("-", ""), "hex");
  return createHmac("sha256", key).update(APPLICATION).digest("hex").slice(0, 16);
}

async function fromFiles(files: FileReader): Promise<MachineDigest> {
  const reasons: string[] = [];
  for (const path of LINUX_FILES) {
    const outcome = await files.read(path, { maxBytes: MACHINE_ID_BYTES });
    if (outcome.kind === "read") {
      const id = parseMachineId(outcome.text);
      if (id !== null) return { kind: "found", digest: digestOf(id), origin: path };
      reasons.push(`${path} is ${emptiness(outcome.text)}`);
    } else {
      reasons.push(`${path} is ${whyUnread(outcome)}`);
    }
  }
  return { kind: "missing", why: reasons.join(", ") };
}

/** Of the content only the two words of machine-id(5) are told apart; the rest is confidential. */
function emptiness(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "empty";
  return trimmed === "uninitialized" ? "uninitialized" : "malformed";
}

async function fromTool(
  run: RunCommand,
  tool: "ioreg" | "reg",
  args: readonly string[],
  parse: (text: string) => string | null,
): Promise<MachineDigest> {
  const outcome = await run(tool, args);
  if (outcome.kind !== "exited" || outcome.code !== 0) {
    return { kind: "missing", why: whyNoAnswer(outcome, tool) };
  }
  const id = parse(outcome.stdout);
  if (id === null) return { kind: "missing", why: `${tool} names no usable machine id` };
  return { kind: "found", digest: digestOf(id), origin: tool };
}
