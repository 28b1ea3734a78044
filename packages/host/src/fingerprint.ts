import type { RunCommand } from "./command.ts";
import type { FileReader } from "./file.ts";
import { machineDigest } from "./machine.ts";
import type { Mode } from "./mode.ts";
import { type Platform, type SystemFacts, osRelease } from "./platform.ts";

/** What a host looks like, for `host_meta_snapshot`. Holds no raw machine id. */
export type HostFingerprint = {
  readonly hostname: string;
  /** 16 hexadecimal characters; null when the machine has no usable id. */
  readonly machine_id_digest: string | null;
  readonly os: Platform;
  readonly os_release: string;
  readonly arch: string;
  readonly kernel: string;
  readonly user: string;
  readonly mode: Mode;
};

/** Fields whose change means another machine, not an upgrade or another way to run. */
export const IDENTITY_FIELDS = ["machine_id_digest", "hostname", "os", "arch"] as const;

export type FingerprintDrift = {
  readonly field: (typeof IDENTITY_FIELDS)[number];
  readonly from: string | null;
  readonly to: string | null;
};

export async function hostFingerprint(input: {
  readonly platform: Platform;
  readonly mode: Mode;
  readonly files: FileReader;
  readonly run: RunCommand;
  readonly system: SystemFacts;
}): Promise<HostFingerprint> {
  const { platform, mode, system } = input;
  const [machine, release] = await Promise.all([machineDigest(input), osRelease(input)]);
  return {
    hostname: system.hostname(),
    machine_id_digest: machine.kind === "found" ? machine.digest : null,
    os: platform,
    os_release: release.os_release,
    arch: system.arch(),
    kernel: release.kernel,
    user: system.user(),
    mode,
  };
}

/**
 * The identity fields that differ, in the order of `IDENTITY_FIELDS`. A new kernel, OS release,
 * user or mode is no drift. A machine id that appears or vanishes (null) is: it changes the id.
 */
export function fingerprintDrift(
  before: HostFingerprint,
  after: HostFingerprint,
): readonly FingerprintDrift[] {
  return IDENTITY_FIELDS.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    from: before[field],
    to: after[field],
  }));
}
