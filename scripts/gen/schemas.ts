/**
 * JSON Schema (draft 2020-12) of the public formats: what an event line is, what a policy file may hold, what a scan
 * prints, what sender and server say to each other, and their configuration files.
 */
import {
  ackSchema,
  batchManifestSchema,
  eventSchema,
  helloSchema,
  policySchema,
  problemSchema,
} from "@sigil/core";
import { reportSchema } from "@sigil/risk/schema";
import { senderSettingsSchema } from "@sigil/sender/settings";
import { serverSettingsSchema } from "@sigil/server/settings";
import { z } from "zod";

export interface JsonSchema {
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: string | number;
  readonly enum?: readonly (string | number)[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
  readonly $ref?: string;
}

/** What the agent writes: every field it promises is required. */
export function eventJsonSchema(): JsonSchema {
  return schemaOf(eventSchema, "output", "event");
}

/** What people write: fields with a default may be left out. */
export function policyJsonSchema(): JsonSchema {
  return schemaOf(policySchema, "input", "policy");
}

function schemaOf(schema: z.ZodType, io: "input" | "output", name: string): JsonSchema {
  const json = z.toJSONSchema(schema, { target: "draft-2020-12", io });
  return identified(json as JsonSchema, `urn:sigil:${name}:1`);
}

/** What `sender.yaml` may hold. */
export function senderJsonSchema(): JsonSchema {
  return schemaOf(senderSettingsSchema, "input", "sender");
}

/** What `server.yaml` may hold. */
export function serverJsonSchema(): JsonSchema {
  return schemaOf(serverSettingsSchema, "input", "server");
}

/** A root that is only a reference to its one definition becomes that definition. */
function identified(schema: JsonSchema, $id: string): JsonSchema {
  const { $ref, $defs, ...rest } = schema;
  const inner = $ref === undefined ? undefined : $defs?.[$ref.replace("#/$defs/", "")];
  if ($ref !== undefined && (!inner || Object.keys($defs ?? {}).length !== 1))
    throw new Error(`${$id}: expected one definition behind ${$ref}`);
  const { $schema, ...body } = { ...rest, ...inner } as JsonSchema & { $schema?: string };
  return { $schema, $id, ...body } as JsonSchema;
}

export function generateSchemas(): Map<string, string> {
  const schemas = {
    event: eventJsonSchema(),
    policy: policyJsonSchema(),
    scan: schemaOf(reportSchema, "output", "scan"),
    sender: senderJsonSchema(),
    server: serverJsonSchema(),
    batch: schemaOf(batchManifestSchema, "output", "batch"),
    ack: schemaOf(ackSchema, "output", "ack"),
    hello: schemaOf(helloSchema, "output", "hello"),
    problem: schemaOf(problemSchema, "output", "problem"),
  };
  return new Map(
    Object.entries(schemas).map(([name, json]) => [`schema/${name}.schema.json`, text(json)]),
  );
}

function text(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`;
}
