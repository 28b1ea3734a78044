import { z } from "zod";
import { settingsSchema } from "./settings.ts";
import { overrideSchema, targetSchema } from "./target.ts";

export const hostIdStrategySchema = z
  .union([
    z.enum(["machine_id", "hostname", "uuid"]),
    z.strictObject({
      static: z
        .string()
        .regex(/^[\x21-\x7e]{1,128}$/, "use 1 to 128 printable ASCII characters without spaces"),
    }),
  ])
  .meta({ title: "Host id strategy", description: "Where `host_id` of every event comes from." });

const acceptedSchema = z
  .strictObject({
    path: z.string().min(1),
    closure_hash: z.string().regex(/^blake3:[0-9a-f]{64}$/),
    kinds: z.array(z.string()).min(1),
    until: z.iso.date(),
    why: z.string().min(1).max(1024),
  })
  .meta({
    title: "Accepted risk",
    description: "A finding the operator accepts until a date; void when the closure changes.",
  });

/** One policy document: the file `policy.yaml`, or the payload of a signed envelope. */
export const policySchema = z
  .strictObject({
    version: z.literal(1).meta({ description: "Version of this format." }),
    host_id_strategy: hostIdStrategySchema.optional(),
    overrides: z.array(overrideSchema).max(4096).default([]),
    targets: z.array(targetSchema).max(4096).default([]),
    workspaces: z
      .array(z.string().min(1).max(4096))
      .max(1024)
      .default([])
      .meta({ description: "Directories under which projects are found.", examples: [["~/code"]] }),
    settings: settingsSchema,
    rubric: z
      .strictObject({ weights: z.record(z.string(), z.number().min(0).max(10)).default({}) })
      .prefault({})
      .meta({ description: "Weights of the risk rubric by key." }),
    known_hosts: z
      .array(z.string().min(1).max(253))
      .max(4096)
      .default([])
      .meta({ description: "Hosts the organization trusts.", examples: [["mcp.example.com"]] }),
    accepted: z.array(acceptedSchema).max(4096).default([]),
  })
  .meta({
    title: "Sigil policy",
    description: "What is watched, how, and what is accepted (design §6).",
  });

export type PolicyDocument = Readonly<z.output<typeof policySchema>>;
export type HostIdStrategy = z.output<typeof hostIdStrategySchema>;
