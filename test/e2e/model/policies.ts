import type { Rel } from "./place.ts";

/** A place that is watched, in the model's own words. */
export interface Watched {
  readonly base: Rel;
  /** 0: the base alone, 1: its entries, Infinity: all below it. */
  readonly depth: number;
  readonly follow: boolean;
  readonly tier: "critical" | "standard";
  /** The base itself is evidence, also as a link. */
  readonly self: boolean;
}

export interface Policy {
  readonly yaml: string;
  readonly watched: readonly Watched[];
  readonly maxBytes: number;
}

const BUILT_IN: readonly Watched[] = [
  file(".claude/settings.json", "critical"),
  below(".claude/hooks", "critical"),
  below(".claude/skills", "standard"),
];

const PROJECTS: readonly Watched[] = ["work/p0", "work/p1"].flatMap((project) => [
  file(`${project}/.claude/settings.json`, "critical"),
  below(`${project}/.claude/hooks`, "critical"),
  below(`${project}/.claude/skills`, "standard"),
  file(`${project}/CLAUDE.md`, "standard"),
]);

function file(base: Rel, tier: Watched["tier"]): Watched {
  return { base, depth: 0, follow: true, tier, self: true };
}

/** As `base/**` means it. */
function below(base: Rel, tier: Watched["tier"]): Watched {
  return { base, depth: Number.POSITIVE_INFINITY, follow: true, tier, self: false };
}

interface Own {
  readonly id: string;
  readonly path: Rel;
  readonly tier: Watched["tier"];
  readonly recursive: boolean;
  readonly follow: boolean;
}

const OWN: readonly Own[] = [
  { id: "led", path: "led", tier: "critical", recursive: true, follow: true },
  { id: "solid", path: "solid", tier: "critical", recursive: true, follow: false },
  { id: "pool", path: "pool", tier: "standard", recursive: true, follow: true },
  { id: "flat", path: "flat", tier: "standard", recursive: false, follow: true },
  { id: "far", path: "far/off/one.conf", tier: "critical", recursive: false, follow: true },
];

const QUICK = [
  "watch: {poll_interval_ms: 200, poll_standard_interval_ms: 300, recheck_ms: 500, retry_ms: 200",
  "sweep: {doubt_delay_ms: 100",
  "health: {canary_s: 3600",
];

interface Change {
  readonly drop?: string;
  readonly change?: Partial<Own> & { readonly id: string };
  readonly maxBytes?: number;
  readonly settings?: string;
  readonly watch?: string;
  readonly projects?: boolean;
}

function policy(change: Change): Policy {
  const maxBytes = change.maxBytes ?? 4096;
  const own = OWN.filter(({ id }) => id !== change.drop).map((target) =>
    target.id === change.change?.id ? { ...target, ...change.change } : target,
  );
  const projects = change.projects ?? true;
  const [watch, sweep, health] = QUICK;
  const targets = own.map(
    ({ id, path, tier, recursive, follow }) =>
      `  - {id: ${id}, tier: ${tier}, paths: ["~/${path}"], recursive: ${recursive}, follow_symlinks: ${follow}}`,
  );
  const yaml = [
    "targets:",
    ...targets,
    ...(projects ? ['workspaces: ["~/work"]'] : []),
    "settings:",
    `  ${watch}${change.watch ?? ""}}`,
    `  ${sweep}}`,
    `  ${health}}`,
    `  hash: {max_bytes: ${maxBytes}, inline_max_bytes: 512}`,
    ...(change.settings === undefined ? [] : [`  ${change.settings}`]),
    "",
  ].join("\n");
  const watched = own.map(({ path, tier, recursive, follow, id }): Watched => ({
    base: path,
    depth: id === "far" ? 0 : recursive ? Number.POSITIVE_INFINITY : 1,
    follow,
    tier,
    self: true,
  }));
  return { yaml, watched: [...BUILT_IN, ...watched, ...(projects ? PROJECTS : [])], maxBytes };
}

/** The policies that replace one another. */
export const POLICIES: readonly Policy[] = [
  policy({}),
  policy({ drop: "led", change: { id: "pool", tier: "critical" } }),
  policy({ change: { id: "led", follow: false }, maxBytes: 8192 }),
  policy({ change: { id: "solid", follow: true }, settings: "settle: {max_pending: 100}" }),
  policy({ drop: "pool", watch: ", poll: true" }),
  policy({ drop: "far", watch: ", max_shallow: 4" }),
  policy({
    change: { id: "flat", recursive: true },
    projects: false,
    settings: "settle: {critical_debounce_ms: 1, standard_debounce_ms: 1, standard_max_wait_ms: 5}",
  }),
  policy({
    settings:
      "rate: {path_per_minute: 2, critical_path_per_minute: 2, target_per_minute: 10, fold_max_ms: 700}",
  }),
  policy({
    watch: ", max_tree_entries: 20",
    settings:
      "record: {group_max: 1, queue_max: 3}\n  spool: {segment_max_bytes: 4096}\n  settle: {max_pending: 100}",
  }),
];
