import { setting } from "@sigil/core";
import { z } from "zod";

const { count, milliseconds, path } = setting;

const KIB = 1024;
const MIB = 1024 * KIB;

/** @param what is served there */
function address(port: number, what: string) {
  return z
    .strictObject({
      host: z
        .string()
        .min(1)
        .default("127.0.0.1")
        .meta({
          description: `Address ${what} is served on; anything but loopback can be reached by others.`,
          examples: ["127.0.0.1", "0.0.0.0", "::"],
        }),
      port: count(port, { min: 0, max: 65_535 }, "Port; 0 takes a free one."),
    })
    .prefault({});
}

const tls = z
  .strictObject({
    certificate_file: path(
      "The server's certificate with its chain, PEM; by default one made by the server's own CA.",
      "/etc/sigil/tls/server.pem",
    ),
    key_file: path("Its key, PEM.", "/etc/sigil/tls/server.key"),
    client_ca_file: path(
      "CA that hosts' certificates must be from, PEM; by default the server's own.",
      "/etc/sigil/tls/hosts-ca.pem",
    ),
    unknown_certificates: z
      .enum(["refuse", "accept"])
      .default("refuse")
      .meta({
        description:
          "A certificate of that CA that is not in the server's register: `accept` only with a CA of your own, whose revocations this server does not see.",
        examples: ["refuse"],
      }),
    min_version: z
      .enum(["TLSv1.2", "TLSv1.3"])
      .default("TLSv1.3")
      .meta({ description: "Oldest TLS version spoken.", examples: ["TLSv1.3"] }),
  })
  .prefault({})
  .meta({ title: "TLS" });

const limits = z
  .strictObject({
    max_body_bytes: count(
      16 * MIB,
      { min: 64 * KIB, max: 256 * MIB },
      "Largest batch as it is sent, compressed. Bytes.",
    ),
    max_batch_bytes: count(
      64 * MIB,
      { min: 64 * KIB, max: 512 * MIB },
      "Largest batch, unpacked. Bytes.",
    ),
    max_events: count(20_000, { min: 1, max: 1_000_000 }, "Most events in a batch."),
    max_event_bytes: count(
      256 * KIB,
      { min: KIB, max: 16 * MIB },
      "Largest event; larger ones are refused one by one. Bytes.",
    ),
    max_json_depth: count(64, { min: 8, max: 1000 }, "Deepest nesting of an event."),
    max_inflight_bytes: count(
      128 * MIB,
      { min: MIB, max: 64 * 1024 * MIB },
      "Bodies in memory at once, of all hosts; beyond it a request is sent away for a while. Bytes.",
    ),
    max_admitting: count(
      32,
      { min: 1, max: 1024 },
      "Small batches unpacked and checked at once; others wait.",
    ),
    max_admitting_large: count(
      2,
      { min: 1, max: 64 },
      "Large batches (over 64 KiB as they are sent, or over 1 MiB unpacked) at once; others wait.",
    ),
    max_waiting: count(
      4096,
      { min: 1, max: 1_000_000 },
      "Batches waiting for that; beyond it a request is sent away for a while.",
    ),
    max_connections: count(4096, { min: 1, max: 1_000_000 }, "Open connections."),
    max_connections_per_host: count(8, { min: 1, max: 10_000 }, "Open connections of one host."),
    requests_per_minute: count(
      3000,
      { min: 1, max: 1_000_000 },
      "Requests a minute of one host; also how many it may make at once after a pause.",
    ),
    api_requests_per_minute: count(
      1200,
      { min: 1, max: 1_000_000 },
      "Requests a minute of one token, or of one address without a token.",
    ),
    max_page_bytes: count(
      8 * MIB,
      { min: 64 * KIB, max: 256 * MIB },
      "Largest page of an answer of the read API; a page ends early there. Bytes.",
    ),
    max_policy_bytes: count(
      8 * MIB,
      { min: KIB, max: 64 * MIB },
      "Largest signed policy that is published. Bytes.",
    ),
    max_header_bytes: count(
      16 * KIB,
      { min: 4 * KIB, max: 256 * KIB },
      "All headers of a request. Bytes.",
    ),
    headers_timeout_ms: milliseconds(10_000, 600_000, "Longest time the headers may take."),
    request_timeout_ms: milliseconds(60_000, 3_600_000, "Longest time a whole request may take."),
    keep_alive_ms: milliseconds(75_000, 3_600_000, "An idle connection is closed after this."),
    handshake_timeout_ms: milliseconds(10_000, 600_000, "Longest time a TLS handshake may take."),
  })
  .prefault({})
  .meta({ title: "Limits" });

const retention = z
  .strictObject({
    max_age_days: count(
      400,
      { min: 1, max: 36_500 },
      "Events are deleted this long after they came. Days.",
    ),
    max_bytes: count(
      0,
      { min: 0, max: 1024 ** 5 },
      "Above it the oldest events are deleted; 0: no limit. Bytes.",
    ),
    interval_s: count(600, { min: 1, max: 86_400 }, "Time between two looks. Seconds."),
    piece: count(5000, { min: 1, max: 1_000_000 }, "Events deleted in one transaction."),
  })
  .prefault({})
  .meta({ title: "Retention" });

const ledger = z
  .strictObject({
    silent_s: count(
      900,
      { min: 1, max: 31_536_000 },
      "A host that sent nothing for this long is silent. Seconds.",
    ),
    duplicate_window_s: count(
      86_400,
      { min: 1, max: 31_536_000 },
      "Two spools that took turns twice in this time are two machines with one id. Seconds.",
    ),
    max_gaps: count(
      1000,
      { min: 1, max: 100_000 },
      "Gaps listed of one spool; the rest is a number.",
    ),
  })
  .prefault({})
  .meta({ title: "Ledger" });

const certificates = z
  .strictObject({
    host_days: count(
      90,
      { min: 1, max: 3650 },
      "How long a host's certificate is valid, if nothing else is asked for. Days.",
    ),
    server_days: count(
      365,
      { min: 1, max: 3650 },
      "How long the server's own certificate is valid. Days.",
    ),
    renew_before_days: count(
      30,
      { min: 1, max: 3650 },
      "The server makes itself a new certificate this long before its own ends. Days.",
    ),
  })
  .prefault({})
  .meta({ title: "Certificates", description: "Made by the server's own CA." });

const store = z
  .strictObject({
    file: path(
      "The store; by default server.db in the server's directory.",
      "/var/lib/sigil-server/server.db",
    ),
    check_max_bytes: count(
      512 * MIB,
      { min: 0, max: 1024 ** 5 },
      "A store up to this size is checked whole when it is opened. Bytes.",
    ),
    cache_bytes: count(
      8 * MIB,
      { min: MIB, max: 64 * 1024 * MIB },
      "Memory for pages of the store. Bytes.",
    ),
    scan_max: count(
      50_000,
      { min: 100, max: 10_000_000 },
      "Events looked at for one page of an answer; a page may then be short, or empty, and still have a next.",
    ),
  })
  .prefault({})
  .meta({ title: "Store" });

/** server.yaml: every limit and interval of the server; the default and the range stand here and nowhere else. */
export const serverSettingsSchema = z
  .strictObject({
    listen: address(8443, "the ingest").meta({ title: "Ingest", description: "For senders." }),
    api: address(8444, "the read API").meta({ title: "Read API", description: "For people." }),
    tls,
    limits,
    retention,
    ledger,
    certificates,
    store,
    drain_ms: milliseconds(
      10_000,
      600_000,
      "Longest time requests under way may take when the server stops.",
    ),
  })
  .prefault({})
  .meta({ id: "server", title: "Server configuration", description: "`server.yaml`." });

export type ServerSettings = Readonly<z.output<typeof serverSettingsSchema>>;

/** The settings of a server that sets none. */
export const DEFAULT_SERVER_SETTINGS: ServerSettings = serverSettingsSchema.parse({});
