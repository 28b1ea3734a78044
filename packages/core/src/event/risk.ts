import { z } from "zod";

const digest = z.string().regex(/^blake3:[0-9a-f]{64}$/);
/** At most one decimal; JSON Schema's `multipleOf` is no help with binary fractions. */
const score = z.number().min(0).max(10);

const band = z
  .enum(["low", "medium", "high", "critical"])
  .meta({ description: "`low` < 1 ≤ `medium` < 4 ≤ `high` < 7 ≤ `critical`." });

const tool = z
  .string()
  .min(1)
  .meta({
    description: "The tool that owns the file.",
    examples: ["claude-code", "codex", "gemini-cli", "cursor"],
  });

const scope = z.enum(["managed", "user-global", "project", "project-local", "plugin", "session"]);

/** `kind`, then the kind's own payload, then `factor`, `weight` and `new`: two halves, so that the order is kept. */
const reason = z
  .intersection(
    z.looseObject({ kind: z.string() }),
    z.looseObject({
      factor: z.enum(["boundary", "content", "matcher", "provenance"]),
      weight: z.number().min(0).max(10),
      new: z.boolean().meta({ description: "Not in the previous assessment of this file." }),
    }),
  )
  .meta({ title: "Reason" });

const control = z.strictObject({
  id: z.string(),
  path: z.string(),
  setting: z.string(),
  value: z.string(),
});

const notice = z.strictObject({
  id: z.string(),
  path: z.string(),
  setting: z.string().nullable(),
  line: z.int().nullable(),
  column: z.int().nullable(),
  message: z.string(),
});

/** Rubric §1: everything that is needed to recompute the score is in here. */
export const riskAssessed = z.strictObject({
  kind: z.literal("ai_guard_risk_assessed"),
  tool,
  scope,
  score: score.meta({ description: "0.0 to 10.0, recomputable from the fields below." }),
  reasons: z.array(reason),
  band,
  path: z.string().nullable().meta({ description: "The guard file; null for a running session." }),
  project: z.string().nullable().meta({ description: "Root of the project it belongs to." }),
  executors: z
    .array(z.strictObject({ tool: z.string(), differs: z.array(z.string()) }))
    .meta({ description: "Other tools that act on the same file." }),
  content_hash: digest.nullable().meta({ description: "Of the file; null when it is gone." }),
  closure_hash: digest.meta({
    description: "Over what the file says and every script its commands reach.",
  }),
  rubric_version: z.string(),
  provenance: z.strictObject({ multiplier: z.number(), why: z.array(z.string()) }),
  previous_score: score.nullable(),
  omitted: z.record(z.string(), z.int().min(1)).meta({
    description:
      "Reasons beyond the eight a kind lists and counts, by kind; under `controls` and `notices`, how many of them the event has no room for.",
  }),
  project_total: z
    .strictObject({ score, band })
    .nullable()
    .meta({ description: "Of all checked-in files together, when it is in a band above each." }),
  controls: z.array(control).meta({ description: "Defences that are on." }),
  notices: z.array(notice).meta({ description: "Settings without effect, and what to know." }),
  accepted: z
    .strictObject({ until: z.string(), why: z.string() })
    .nullable()
    .meta({ description: "The operator's acceptance of it (policy `accepted`)." }),
  reattestation: z.boolean().meta({ description: "Nothing changed; said again once a day." }),
});

export const guardDrift = z.strictObject({
  kind: z.literal("ai_guard_drift"),
  tool,
  scope,
  toggle: z.string().meta({
    description: "The defence that is gone: a toggle's id, a deny rule, a hook.",
    examples: ["sandbox", "managed-hooks-only", "deny-rule", "hook-deny", "hook"],
  }),
  label: z.string().meta({ description: "Which one of them, redacted." }),
  from: z.string(),
  to: z.string(),
  path: z.string(),
  project: z.string().nullable(),
});
