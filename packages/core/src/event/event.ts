import { z } from "zod";
import { evidenceSchema, type Evidence } from "./evidence.ts";
import { SCHEMA_VERSION } from "./version.ts";

export const severitySchema = z
  .enum(["info", "warn", "high", "critical"])
  .meta({ title: "Severity" });
export type Severity = z.output<typeof severitySchema>;

export const sourceSchema = z
  .strictObject({ kind: z.enum(["file_system", "agent", "process", "sender"]) })
  .meta({ title: "Source", description: "Who observed it." });

const pathSubject = z
  .strictObject({
    kind: z.literal("path"),
    value: z
      .string()
      .meta({ description: "Platform-native path; bytes that are not UTF-8 read U+FFFD." }),
    raw_base64: z
      .string()
      .optional()
      .meta({ description: "The path's bytes, when it is not UTF-8." }),
  })
  .meta({ title: "A path" });

const processSubject = z
  .strictObject({ kind: z.literal("process"), pid: z.int(), name: z.string() })
  .meta({ title: "A process" });

const selfSubject = z.strictObject({ kind: z.literal("self") }).meta({ title: "Sigil itself" });

export const subjectSchema = z.discriminatedUnion("kind", [
  pathSubject,
  processSubject,
  selfSubject,
]);
export type Subject = z.output<typeof subjectSchema>;

/** One line of the spool. The order of the fields is part of the contract (design §3). */
export const eventSchema = z
  .strictObject({
    schema_version: z.literal(SCHEMA_VERSION),
    event_id: z.uuidv7().meta({ description: "UUIDv7, RFC 9562." }),
    ts: z.iso
      .datetime({ precision: 3 })
      .meta({ description: "When it was observed: RFC 3339, UTC, milliseconds." }),
    host_id: z.string().min(1).max(128),
    agent_version: z.string(),
    severity: severitySchema,
    source: sourceSchema,
    subject: subjectSchema,
    evidence: evidenceSchema,
    target_id: z.string().nullable().meta({ description: "The policy target, or null." }),
    dedup_key: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional()
      .meta({ description: "Equal on an event repeated after a crash." }),
  })
  .meta({
    id: "event",
    title: "Sigil event",
    description: "One JSON object a line, UTF-8, schema version 1.",
  });

export interface SigilEvent {
  readonly schema_version: typeof SCHEMA_VERSION;
  readonly event_id: string;
  readonly ts: string;
  readonly host_id: string;
  readonly agent_version: string;
  readonly severity: Severity;
  readonly source: z.output<typeof sourceSchema>;
  readonly subject: Subject;
  readonly evidence: Evidence;
  readonly target_id: string | null;
  readonly dedup_key?: string;
}
