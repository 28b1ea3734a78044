import { isHostId } from "@sigil/core/plain";
import type { RunCommand } from "./command.ts";
import { hostError } from "./error.ts";
import type { FileReader } from "./file.ts";
import { type MachineDigest, machineDigest } from "./machine.ts";
import type { Platform, SystemFacts } from "./platform.ts";
import { type StoredUuid, storedUuid } from "./uuid.ts";

/** Policy's `host_id_strategy`. */
export type HostIdStrategy = "machine_id" | "hostname" | "uuid" | { readonly static: string };

export type HostId = {
  /** 1 to 128 printable characters without whitespace. */
  readonly host_id: string;
  /** The strategy that gave the id: `uuid` also when the wanted one could not. */
  readonly strategy: "machine_id" | "hostname" | "uuid" | "static";
  /** For a person: where the id came from and, after a fallback, why. */
  readonly origin: string;
};

export interface IdentityReaders {
  machineDigest(): Promise<MachineDigest>;
  hostname(): string;
  storedUuid(): Promise<StoredUuid>;
}

/**
 * The host's id. Without a machine id (empty, `uninitialized`, a link) or a hostname of its own
 * (empty, `localhost`) the stored random id stands in and `origin` says so.
 * @throws SIGIL_HOST_ID_INVALID for a bad static id; SIGIL_HOST_ID_ABSENT when the stored id is
 * needed, missing and may not be made; and what `storedUuid` throws.
 */
export async function hostId(input: {
  readonly strategy: HostIdStrategy;
  readonly readers: IdentityReaders;
}): Promise<HostId> {
  const { strategy, readers } = input;
  if (typeof strategy === "object") return staticId(strategy.static);
  switch (strategy) {
    case "machine_id":
      return machineId(readers);
    case "hostname":
      return hostnameId(readers);
    case "uuid":
      return uuidId(readers, null);
  }
}

/** Readers of the real machine; `create` as in `storedUuid`. */
export function identityReaders(input: {
  readonly platform: Platform;
  readonly files: FileReader;
  readonly run: RunCommand;
  readonly system: SystemFacts;
  readonly uuidFile: string;
  readonly create: boolean;
}): IdentityReaders {
  return {
    machineDigest: () => machineDigest(input),
    hostname: () => input.system.hostname(),
    storedUuid: () =>
      storedUuid({ file: input.uuidFile, create: input.create, files: input.files }),
  };
}

function staticId(text: string): HostId {
  if (isHostId(text)) return { host_id: text, strategy: "static", origin: "policy" };
  throw hostError(
    "SIGIL_HOST_ID_INVALID",
    "the static host id is empty, too long or not printable",
    {
      context: { length: text.length },
    },
  );
}

async function machineId(readers: IdentityReaders): Promise<HostId> {
  const found = await readers.machineDigest();
  if (found.kind === "missing") return uuidId(readers, `no machine id: ${found.why}`);
  return {
    host_id: found.digest,
    strategy: "machine_id",
    origin: `keyed hash of the machine id (${found.origin})`,
  };
}

async function hostnameId(readers: IdentityReaders): Promise<HostId> {
  const name = readers.hostname();
  if (!isHostId(name)) return uuidId(readers, "the hostname is empty or not usable");
  // Every machine may call itself that: as an id it would merge unrelated hosts.
  if (/^localhost(?:\.localdomain)?\.?$/i.test(name)) {
    return uuidId(readers, `the hostname ${name} names no one host`);
  }
  return { host_id: name, strategy: "hostname", origin: "hostname" };
}

async function uuidId(readers: IdentityReaders, why: string | null): Promise<HostId> {
  const stored = await readers.storedUuid();
  if (stored.kind === "absent") {
    const reason = why === null ? "" : ` (needed: ${why})`;
    throw hostError("SIGIL_HOST_ID_ABSENT", `${stored.file} does not exist${reason}`);
  }
  const made = stored.kind === "created" ? "made just now in" : "read from";
  const fallback = why === null ? "" : `; fallback, ${why}`;
  return {
    host_id: stored.uuid,
    strategy: "uuid",
    origin: `random id ${made} ${stored.file}${fallback}`,
  };
}
