import type { DigestPort } from "@sigil/core";
import type { Log } from "@sigil/cli/log";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { createHello } from "./hello.ts";
import type { Identified } from "./identify.ts";
import type { Refusal } from "./problem.ts";
import type { ServerSettings } from "./settings.ts";
import type { EventStore } from "./store/model.ts";
import { createUpload } from "./upload.ts";

/** What a batch came to, for metrics. */
export type BatchOutcome = {
  readonly accepted: number;
  readonly duplicate: number;
  readonly rejected: number;
  /** Unpacked. */
  readonly bytes: number;
};

export type IngestDeps = {
  readonly store: Pick<EventStore, "commit" | "heads">;
  /** Whom a request is from, and why it is turned down otherwise (`createGate`). */
  readonly admit: (request: FastifyRequest) => Identified | Refusal;
  /** BLAKE3. */
  readonly hash: DigestPort;
  readonly limits: ServerSettings["limits"];
  /** Name and version, as hello tells them. */
  readonly server: string;
  /** Wall time, milliseconds. */
  readonly now: () => number;
  readonly log: Pick<Log, "error">;
  readonly onBatch?: (outcome: BatchOutcome) => void;
};

/** `POST /v1/events` and `GET /v1/hello`, for hosts (docs/specs/transport.md). */
export function registerIngest(app: FastifyInstance, deps: IngestDeps): void {
  void app.register(async (scope) => {
    // A body of whatever type reaches its route unread: the route bounds it, and says what is wrong with the type.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, body, done) => done(null, body));
    scope.post("/v1/events", createUpload(deps));
    scope.get("/v1/hello", createHello(deps));
  });
}
