/** Something about the sender that is not as it should be, for as long as it lasts (design §7, kind 3). */
export type Condition = {
  readonly code: ConditionCode;
  readonly severity: "info" | "warn" | "high";
  readonly title: string;
  readonly detail: string;
  /** RFC 3339. */
  readonly since: string;
};

export const CONDITIONS = {
  "not-shipping": {
    severity: "high",
    title: "The sender is up, but nothing it has to send is acknowledged.",
  },
  behind: { severity: "warn", title: "The backlog is larger or older than it should be." },
  "delivery-refused": {
    severity: "high",
    title: "The server, or a check of this host's own, refuses what is sent; somebody must act.",
  },
  "delivery-waiting": { severity: "warn", title: "Delivery failed and is tried again." },
  "spool-absent": { severity: "info", title: "There is no spool of an agent to ship yet." },
  "certificate-unusable": {
    severity: "high",
    title: "This host's certificate cannot be used; nothing is sent.",
  },
  "certificate-expiring": { severity: "warn", title: "This host's certificate ends soon." },
  "certificate-pending": {
    severity: "warn",
    title: "The certificate files on disk cannot be used; the last ones stay in use.",
  },
  "events-quarantined": {
    severity: "warn",
    title: "The server refused events; they are kept in the quarantine.",
  },
  "policy-not-fetched": { severity: "warn", title: "The server gives no usable answer on policy." },
  "policy-not-delivered": {
    severity: "warn",
    title: "Policy was fetched, but no agent took it; it is offered again.",
  },
  "policy-refused": {
    severity: "high",
    title: "The agent refused the policy that the server gives; its last good one stays.",
  },
  "config-rejected": {
    severity: "warn",
    title: "The configuration file is not valid; the last good one is in force.",
  },
  "notes-lost": { severity: "warn", title: "Notes about the sender itself could not be kept." },
} as const satisfies Readonly<Record<string, Pick<Condition, "severity" | "title">>>;

export type ConditionCode = keyof typeof CONDITIONS;

export interface Conditions {
  /** @param detail null: it does not hold (any more) */
  set(code: ConditionCode, detail: string | null): void;
  list(): Condition[];
}

/** @param onChange called when a condition begins or ends */
export function createConditions(now: () => number, onChange: () => void): Conditions {
  const held = new Map<ConditionCode, Condition>();
  return {
    set(code, detail) {
      const before = held.get(code);
      if (detail === null) held.delete(code);
      else {
        const since = before?.since ?? new Date(now()).toISOString();
        held.set(code, { code, ...CONDITIONS[code], detail, since });
      }
      if ((before === undefined) !== (detail === null)) onChange();
    },
    list: () => [...held.values()],
  };
}
