import { createHash } from "node:crypto";
import { messageOf, type SigilError } from "@sigil/core/plain";
import {
  openDelivery,
  reopen,
  type OpenContext,
  type OpenedPolicy,
  type TrustState,
} from "@sigil/signer/verify";
import { VERIFY_LIMITS } from "@sigil/signer/plain";
import type { Config } from "../config.ts";
import { nodeSteps, type DiskSteps } from "../fs/atomic.ts";
import { combine, loadLocal, type PolicyInForce } from "./effective.ts";
import type { PolicyHere } from "./here.ts";
import type { LoadedPolicy } from "./load.ts";
import { createNotices, type NoticePorts, type Notices } from "./notices.ts";
import { bytesOfDelivery, withoutPolicy } from "./signed/courier.ts";
import { watchExpiry, type ExpiryWatch } from "./signed/expiry.ts";
import type { SignedLayer } from "./signed/layer.ts";
import type { Memory, Refusal } from "./signed/memory.ts";
import { openSigned, understand, type Problem, type SignedHere } from "./signed/open.ts";
import { createRefusals, type Refusals } from "./signed/refusals.ts";
import { signedStatus, type SignedStatus } from "./signed/status.ts";
import { openStore, signedDirectory, type SignedStore } from "./signed/store.ts";
import { readTrustFile } from "./signed/trust.ts";

export interface KeeperPorts extends NoticePorts {
  readonly config: Config;
  readonly policyRequired: boolean;
  readonly hostId: string;
  readonly steps?: DiskSteps;
  readonly now: () => number;
}

/** What became of a delivery. */
export type Receipt =
  | { readonly kind: "applied"; readonly policy: PolicyInForce }
  | { readonly kind: "unchanged" }
  | ({ readonly kind: "rejected" } & Problem);

/** What strangers sent may be named in it. Characters. */
const DETAIL_MAX = 512;

/**
 * Keeps the layers of a running agent: takes signed deliveries and a changed local file, and says which policy is to be
 * in force. What must be remembered is on disk before it says so. Its calls must not overlap.
 */
export class PolicyKeeper {
  readonly #ports: KeeperPorts;
  readonly #store: SignedStore;
  readonly #notices: Notices;
  readonly #refusals: Refusals;
  readonly #expiry: ExpiryWatch;
  readonly #strategy: PolicyInForce["policy"]["hostIdStrategy"]["value"];
  readonly #refusedAtStart: SigilError | null;
  #policy: PolicyInForce;
  /** The local policy, also while it cannot be laid over the signed one: the next one may let it. */
  #local: LoadedPolicy | null;
  #signed: SignedHere;
  #refused: Refusal | null;

  constructor(here: PolicyHere, ports: KeeperPorts) {
    this.#ports = ports;
    this.#policy = here.policy;
    this.#local = here.local;
    this.#signed = here.signed;
    this.#refusedAtStart = here.refused;
    this.#strategy = here.policy.policy.hostIdStrategy.value;
    this.#refused = here.signed.memory?.refused ?? null;
    this.#notices = createNotices(ports);
    this.#store = openStore(signedDirectory(ports.config.paths.state), ports.steps ?? nodeSteps);
    this.#refusals = createRefusals(() => this.#limits.refusals_per_hour);
    this.#expiry = watchExpiry({
      now: () => this.#clock,
      expires: () => this.#signed.layer?.opened.expires ?? null,
      onLook: (expired) => {
        const { layer } = this.#signed;
        this.#notices.expired(expired && layer ? layer.opened : null);
      },
    });
  }

  /** The policy that is to be in force. */
  get policy(): PolicyInForce {
    return this.#policy;
  }

  /** Tells what the start found, and begins to look at the clock. */
  async begin(): Promise<void> {
    if (this.#refusedAtStart) this.#notices.localRejected(this.#refusedAtStart);
    this.#notices.unusable(this.#signed.unusable);
    this.#expiry.look();
    if (this.#signed.layer && this.#signed.memory) await this.#store.tidy(this.#signed.memory);
  }

  close(): void {
    this.#expiry.close();
  }

  status(): SignedStatus {
    const facts = { refused: this.#refused, refusalsTotal: this.#refusals.total };
    return signedStatus({ ...this.#signed, ...facts }, this.#clock);
  }

  /**
   * Reads the local file and the trust root again. What is not valid changes nothing.
   * @throws SIGIL_POLICY_*, SIGIL_TRUST_*, SIGIL_SIGNED_NOT_KEPT
   */
  async reload(): Promise<PolicyInForce> {
    const { config, policyRequired } = this.#ports;
    try {
      const signed = await this.#readSigned();
      const local = loadLocal(config.paths.policy, policyRequired);
      const policy = combine(local, local && config.paths.policy, signed.layer);
      if (signed.memory) await this.#remember(signed.memory);
      this.#signed = signed;
      this.#local = local;
      this.#policy = policy;
    } catch (error) {
      this.#notices.localRejected(error);
      throw error;
    }
    this.#notices.localInForce();
    this.#notices.unusable(this.#signed.unusable);
    this.#expiry.look();
    return this.#policy;
  }

  /**
   * Takes what a courier brought.
   * @param delivery base64; null: longer than is taken
   * @throws SIGIL_SIGNED_NOT_KEPT: then nothing has changed
   */
  async receive(delivery: string | null): Promise<Receipt> {
    const { installed, memory } = this.#signed;
    const digest = createHash("sha256")
      .update(delivery ?? "")
      .digest("hex");
    if (!installed || !memory) {
      const detail = `there is no ${this.#ports.config.paths.trust} to check it with`;
      return this.#refuse({ reason: "no_trust_root", detail }, digest);
    }
    const bytes = delivery === null ? null : bytesOfDelivery(delivery);
    if (bytes === null) return this.#refuse(unreadable(delivery, this.#limits), digest);
    const context = this.#context(installed.trust, memory.trust);
    const verdict = openDelivery(bytes, context);
    if (verdict.kind === "rejected") return this.#refuse(verdict, digest, verdict.state);
    const policy = verdict.kind === "accepted" ? verdict.policy : this.#lost(bytes, verdict.state);
    if (policy === null) {
      await this.#remember({ ...memory, trust: verdict.state });
      return { kind: "unchanged" };
    }
    const layer = understand(policy);
    if ("reason" in layer) {
      const { state } = openDelivery(withoutPolicy(bytes), context);
      return this.#refuse(layer, digest, state);
    }
    return this.#accept(bytes, layer, verdict.state);
  }

  /** A clock that was set back makes nothing young again. */
  get #clock(): number {
    const highest = this.#signed.memory?.trust.highest_time ?? null;
    return Math.max(this.#ports.now(), highest === null ? 0 : Date.parse(highest));
  }

  get #limits() {
    return this.#policy.policy.settings.control;
  }

  #context(trust: OpenContext["trust"], state: TrustState): OpenContext {
    const { hostId, config, now } = this.#ports;
    const limits = { ...VERIFY_LIMITS, delivery_max_bytes: this.#limits.envelope_max_bytes };
    const host = { id: hostId, platform: config.platform };
    return { trust, state, host, now: now(), limits };
  }

  /** The policy that is known already and yet not in force, because what was kept of it is gone. */
  #lost(bytes: Buffer, state: TrustState): OpenedPolicy | null {
    const { installed, layer } = this.#signed;
    if (!installed || state.kept === null || layer?.opened.digest === state.kept.digest)
      return null;
    const again = reopen(bytes, this.#context(installed.trust, state));
    return again.kind === "open" ? again.policy : null;
  }

  /** Each step is durable before the next: the delivery, then the memory that names it, and only then it counts. */
  async #accept(bytes: Buffer, layer: SignedLayer, trust: TrustState): Promise<Receipt> {
    const file = await this.#store.keep(layer.opened.version, bytes);
    const kept = { file, strategy: this.#strategy };
    const memory = { trust, kept, refused: this.#signed.memory?.refused ?? null };
    await this.#remember(memory);
    this.#signed = { ...this.#signed, layer, memory, unusable: null };
    await this.#store.tidy(memory);
    this.#policy = this.#lay(layer);
    this.#notices.unusable(null);
    this.#expiry.look();
    return { kind: "applied", policy: this.#policy };
  }

  /** Signed policy wins over a local one that will not go with it. */
  #lay(layer: SignedLayer): PolicyInForce {
    const { paths } = this.#ports.config;
    try {
      const policy = combine(this.#local, this.#local && paths.policy, layer);
      this.#notices.localInForce();
      return policy;
    } catch (error) {
      this.#notices.localRejected(error);
      return combine(null, null, layer);
    }
  }

  /** An installed trust root that is the same leaves the policy in force alone, whatever became of its file. */
  async #readSigned(): Promise<SignedHere> {
    const { config, now } = this.#ports;
    const { installed, layer, memory } = this.#signed;
    const next = readTrustFile(config.paths.trust);
    if (layer && next && installed?.bytes.equals(next.bytes)) return this.#signed;
    return openSigned(config, now(), memory);
  }

  async #remember(memory: Memory): Promise<void> {
    const before = this.#signed.memory;
    const same = before !== null && JSON.stringify(before) === JSON.stringify(memory);
    if (!same) await this.#store.remember(memory);
    this.#signed = { ...this.#signed, memory };
  }

  async #refuse(
    { reason, detail: whole }: Problem,
    digest: string,
    trust?: TrustState,
  ): Promise<Receipt> {
    const { now, log } = this.#ports;
    const detail = whole.slice(0, DETAIL_MAX);
    const refusal = { reason, detail, at: new Date(now()).toISOString() };
    const told = this.#refusals.note(reason, digest, now());
    this.#refused = refusal;
    if (told) this.#notices.refused({ reason, detail });
    const { memory } = this.#signed;
    const next = memory && { ...memory, trust: trust ?? memory.trust };
    if (next)
      await this.#remember(told ? { ...next, refused: refusal } : next).catch((error: unknown) =>
        log.error(messageOf(error)),
      );
    return { kind: "rejected", reason, detail };
  }
}

function unreadable(
  delivery: string | null,
  limits: { readonly envelope_max_bytes: number },
): Problem {
  return delivery === null
    ? { reason: "too_large", detail: `more than ${limits.envelope_max_bytes} bytes` }
    : { reason: "malformed", detail: "the delivery is not base64" };
}
