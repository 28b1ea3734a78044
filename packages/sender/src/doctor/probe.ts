import type { Hello } from "@sigil/core";
import type { SenderConfig } from "../config.ts";
import { credentialsOf } from "../identity.ts";
import type { Material } from "../identity/material.ts";
import type { Fault, Identity } from "../ports.ts";
import { createServerSink } from "../sink/server.ts";

/** What became of one connection with one `GET /v1/hello`. Times in milliseconds. */
export type Probe =
  | {
      readonly kind: "greeted";
      readonly server: string;
      readonly hello: Hello;
      readonly tookMs: number;
      /** How far the server's clock is ahead of this host's, by its answer. */
      readonly aheadMs: number;
    }
  | { readonly kind: "answered"; readonly server: string; readonly status: number }
  | { readonly kind: "fault"; readonly server: string; readonly fault: Fault };

type Ports = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
};

/**
 * Connects as the sender does, and sends no event.
 * @throws SIGIL_SENDER_SERVER_MISSING, SIGIL_SENDER_PROXY_INVALID
 */
export async function probeServer(
  config: SenderConfig,
  material: Material,
  { env, now }: Ports,
): Promise<Probe> {
  const identity: Identity = {
    current: () => credentialsOf(material, now()),
    onChange: () => () => undefined,
  };
  const sink = createServerSink({ config, identity, env });
  const { server } = sink;
  const { connect_ms } = config.settings.timeout;
  try {
    const begun = performance.now();
    // The whole of it: a server that accepts and then says nothing must not hold up the doctor.
    const reply = await sink.greet(null, AbortSignal.timeout(2 * connect_ms));
    const tookMs = performance.now() - begun;
    if (reply.kind === "fault") return { kind: "fault", server, fault: reply.fault };
    if (reply.kind === "answer") return { kind: "answered", server, status: reply.status };
    const aheadMs = Date.parse(reply.hello.time) - now();
    return { kind: "greeted", server, hello: reply.hello, tookMs, aheadMs };
  } finally {
    await sink.close();
  }
}
