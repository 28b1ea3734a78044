import { watch, type FSWatcher } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "@sigil/core/plain";
import type { Log } from "@sigil/cli/log";
import type { CertificateFacts } from "./identity/certificate.ts";
import type { ExpiryWatch } from "./identity/expiry.ts";
import { loadMaterial, type IdentityFiles, type Material } from "./identity/material.ts";
import type { Credentials, Identity } from "./ports.ts";

/** Who this host is to the server, as the files say now: they may be replaced at any time. */
export interface LiveIdentity extends Identity {
  facts(): CertificateFacts;
  /** Why the files on disk are not the ones in use; null when they are. */
  pending(): string | null;
  /** Looks at the files and at the time. */
  check(): Promise<void>;
  close(): void;
}

export type IdentityOptions = {
  readonly files: IdentityFiles;
  /** Between two looks at the files; a watcher is only quicker. Milliseconds. */
  readonly checkMs: number;
  readonly now: () => number;
  readonly log: Pick<Log, "info" | "warn">;
  readonly expiry?: ExpiryWatch;
  /** Called when files are refused, and with null when they are as they should be again. */
  readonly onPending?: (why: string | null) => void;
};

/** A writer of several files is given this long before they are looked at. Milliseconds. */
const SETTLE_MS = 100;

/**
 * Loads the certificate and keeps up with its files. Warnings begin with the first `check`.
 * @throws SIGIL_SENDER_CERTIFICATE, SIGIL_SENDER_KEY, SIGIL_SENDER_KEY_MODE, SIGIL_SENDER_KEY_MISMATCH, SIGIL_SENDER_CA
 */
export async function openIdentity(options: IdentityOptions): Promise<LiveIdentity> {
  return new FileIdentity(options, await loadMaterial(options.files));
}

class FileIdentity implements LiveIdentity {
  readonly #options: IdentityOptions;
  readonly #listeners = new Set<() => void>();
  readonly #watchers: FSWatcher[];
  readonly #timer: NodeJS.Timeout;
  #material: Material;
  #problem: Credentials["problem"];
  #pending: string | null = null;
  #settling: NodeJS.Timeout | undefined;
  #checking: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(options: IdentityOptions, material: Material) {
    this.#options = options;
    this.#material = material;
    this.#problem = problemOf(material.facts, options.now());
    this.#watchers = watchFiles(options.files, () => this.#soon());
    this.#timer = setInterval(() => void this.check(), options.checkMs).unref();
  }

  current(): Credentials {
    return credentialsOf(this.#material, this.#options.now());
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  facts(): CertificateFacts {
    return this.#material.facts;
  }

  pending(): string | null {
    return this.#pending;
  }

  check(): Promise<void> {
    this.#checking = this.#checking.then(() => (this.#closed ? undefined : this.#look()));
    return this.#checking;
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers) watcher.close();
  }

  #soon(): void {
    clearTimeout(this.#settling);
    if (!this.#closed) this.#settling = setTimeout(() => void this.check(), SETTLE_MS).unref();
  }

  /** A pair that is half written, or not one, leaves the one in use in place. */
  async #look(): Promise<void> {
    try {
      const material = await loadMaterial(this.#options.files);
      this.#setPending(null);
      if (!isSame(material, this.#material)) this.#take(material);
    } catch (error) {
      this.#setPending(messageOf(error));
    }
    const problem = problemOf(this.#material.facts, this.#options.now());
    if (problem?.cause !== this.#problem?.cause) {
      this.#problem = problem;
      this.#changed();
    }
    await this.#options.expiry?.check(this.#material.facts);
  }

  #take(material: Material): void {
    this.#material = material;
    this.#problem = problemOf(material.facts, this.#options.now());
    const { serial, notAfter } = material.facts;
    const not_after = new Date(notAfter).toISOString();
    this.#options.log.info({ serial, not_after }, "the certificate in use was replaced");
    this.#changed();
  }

  #setPending(why: string | null): void {
    if (why === this.#pending) return;
    this.#pending = why;
    if (why !== null)
      this.#options.log.warn({ why }, "the certificate files cannot be used; the last ones stay");
    this.#options.onPending?.(why);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** @param now milliseconds */
export function credentialsOf(material: Material, now: number): Credentials {
  const { certPem, keyPem, caPem, facts } = material;
  const { hostId, notBefore, notAfter, serial } = facts;
  const problem = problemOf(facts, now);
  return { hostId: hostId ?? "", certPem, keyPem, caPem, notBefore, notAfter, serial, problem };
}

/** What makes it useless to connect with this certificate, seen from here. @param now milliseconds */
export function problemOf(facts: CertificateFacts, now: number): Credentials["problem"] {
  if (facts.hostId === null) {
    const detail = "the certificate names no host: it needs one SAN URI sigil:host:<id>";
    return { cause: "own_certificate_unusable", detail };
  }
  if (now < facts.notBefore) {
    const detail = `the certificate is valid from ${timeText(facts.notBefore)} on`;
    return { cause: "own_certificate_not_yet_valid", detail };
  }
  if (now <= facts.notAfter) return null;
  const detail = `the certificate expired ${timeText(facts.notAfter)}`;
  return { cause: "own_certificate_expired", detail };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}

function isSame(one: Material, other: Material): boolean {
  return one.certPem === other.certPem && one.keyPem === other.keyPem && one.caPem === other.caPem;
}

/** Directories, since files are replaced by renaming; what cannot be watched is looked at by the timer. */
function watchFiles(files: IdentityFiles, onHint: () => void): FSWatcher[] {
  const directories = new Set(
    [files.certificate, files.key, files.ca].map((file) => dirname(file)),
  );
  return [...directories].flatMap((directory) => {
    try {
      const watcher = watch(directory, { persistent: false }, onHint);
      watcher.on("error", () => watcher.close());
      return [watcher];
    } catch {
      return [];
    }
  });
}
