import { z } from "zod";
import { globProblem } from "./glob.ts";

export const tierSchema = z.enum(["critical", "standard"]).meta({
  title: "Tier",
  description:
    "`critical`: watched directory by directory, settled fastest, events are `warn`. `standard`: the rest.",
});

export const platformSchema = z.enum(["any", "linux", "macos", "windows"]).meta({
  title: "Platform",
  description: "Where a target applies.",
});

const targetId = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,127}$/,
    "use lower-case letters, digits, `-`, `_` and `.`, at most 128",
  )
  .meta({
    description: "Name of the target; stands in every event as `target_id`.",
    examples: ["team-mcp-allowlist"],
  });

const pathPattern = z
  .string()
  .min(1)
  .max(4096)
  .superRefine((text, context) => {
    const problem = globProblem(text);
    if (problem !== null) context.addIssue({ code: "custom", message: problem });
  })
  .meta({
    description:
      "A path or glob. Tokens `~`, `$HOME`, `$VAR`, `%VAR%` and `$SIGIL_PROJECT` stand before the first wildcard; `**` spans directories.",
    examples: ["~/.claude/settings.json", "~/.claude/hooks/**"],
  });

export const targetSchema = z
  .strictObject({
    id: targetId,
    description: z.string().max(1024).default("").meta({ description: "What it is, for people." }),
    tier: tierSchema,
    platform: platformSchema.default("any"),
    paths: z.array(pathPattern).min(1).max(1024).meta({ description: "What is watched." }),
    exclude: z.array(pathPattern).max(1024).default([]).meta({
      description: "Globs left out: absolute, or relative to each path's base directory.",
    }),
    recursive: z.boolean().default(false).meta({
      description:
        "A path that is a directory stands for all below it (false: for its own entries).",
    }),
    follow_symlinks: z
      .boolean()
      .default(true)
      .meta({ description: "Read what a link points to (false: only the link itself)." }),
    disabled: z.boolean().default(false).meta({ description: "Keep the target, watch nothing." }),
  })
  .meta({ title: "Target" });

export const overrideSchema = z
  .strictObject({
    id: targetId,
    tier: tierSchema.optional(),
    disabled: z.boolean().optional().meta({ description: "Switch the target off or on." }),
  })
  .meta({ title: "Override", description: "Changes a target of a lower layer." });

export type Tier = z.output<typeof tierSchema>;
export type TargetPlatform = z.output<typeof platformSchema>;
export type Target = Readonly<z.output<typeof targetSchema>>;
export type Override = Readonly<z.output<typeof overrideSchema>>;
