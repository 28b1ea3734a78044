import { setting } from "@sigil/core";
import { z } from "zod";

const { count, milliseconds, path, seconds } = setting;

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_MS = 3_600_000;

const server = z
  .strictObject({
    url: z
      .string()
      .max(2048)
      .refine(isServerUrl, "an https:// URL without user, query or fragment")
      .optional()
      .meta({
        description: "Where batches go. Only https.",
        examples: ["https://sigil.example.com:8443"],
      }),
    ca_file: path(
      "Authorities of the server's certificate, PEM; no others are trusted. Default: ca.pem in the TLS directory.",
      "/etc/sigil/tls/ca.pem",
    ),
    certificate_file: path(
      "This host's certificate, PEM. Default: host.pem in the TLS directory.",
      "/etc/sigil/tls/host.pem",
    ),
    key_file: path(
      "Its private key, PEM. Default: host.key in the TLS directory.",
      "/etc/sigil/tls/host.key",
    ),
    server_name: z
      .string()
      .min(1)
      .max(253)
      .optional()
      .meta({
        description: "Name the server's certificate must have, when it is not the one in `url`.",
        examples: ["sigil.example.com"],
      }),
    proxy: z
      .string()
      .max(2048)
      .refine(isProxy, "none, environment, or an http:// or https:// URL")
      .default("none")
      .meta({
        description:
          "`none`, the URL of an HTTP proxy (it sees only encrypted bytes), or `environment`: HTTPS_PROXY and NO_PROXY.",
        examples: ["none", "http://proxy.example.com:3128", "environment"],
      }),
    proxy_ca_file: path(
      "Authorities of an https proxy's certificate, PEM. Default: those of the system.",
      "/etc/sigil/tls/proxy-ca.pem",
    ),
  })
  .prefault({})
  .meta({ title: "The server" });

const batch = z
  .strictObject({
    max_events: count(2000, { min: 1, max: 100_000 }, "Most events in one batch."),
    max_bytes: count(
      2 * MIB,
      { min: 64 * KIB, max: 64 * MIB },
      "Most bytes of lines in one batch; a single longer line is sent alone.",
    ),
    max_age_ms: milliseconds(200, HOUR_MS, "Longest wait of an event for others to travel with."),
    compression: z
      .enum(["zstd", "gzip", "none"])
      .default("zstd")
      .meta({
        description: "What bodies are packed with; the next one when the server does not take it.",
        examples: ["zstd"],
      }),
    level: count(1, { min: 1, max: 19 }, "Compression level; gzip ends at 9."),
  })
  .prefault({})
  .meta({ title: "Batches" });

const retry = z
  .strictObject({
    first_ms: milliseconds(500, HOUR_MS, "Upper end of the first wait; it doubles from there."),
    max_ms: milliseconds(
      60_000,
      HOUR_MS,
      "Upper end of any wait. Waits are random below their upper end, so that hosts do not come back together.",
    ),
    retry_after_max_s: seconds(
      3600,
      { min: 1, max: 86_400 },
      "Longest wait that a server's Retry-After can ask for.",
    ),
  })
  .prefault({})
  .meta({ title: "Trying again" });

const timeout = z
  .strictObject({
    connect_ms: milliseconds(10_000, HOUR_MS, "For the connection and its handshake."),
    headers_ms: milliseconds(60_000, HOUR_MS, "From the request to the head of the answer."),
    body_ms: milliseconds(30_000, HOUR_MS, "Between two pieces of an answer."),
    request_ms: milliseconds(180_000, HOUR_MS, "For one request altogether."),
    idle_ms: milliseconds(60_000, HOUR_MS, "How long an idle connection is kept."),
    stop_ms: milliseconds(5000, HOUR_MS, "Grace for the batch under way when the sender stops."),
    ack_max_bytes: count(
      8 * MIB,
      { min: 4 * KIB, max: 64 * MIB },
      "Largest answer that is read. Bytes.",
    ),
  })
  .prefault({})
  .meta({ title: "Time limits" });

const limit = z
  .strictObject({
    bytes_per_second: count(
      0,
      { min: 0, max: 10_000_000_000 },
      "Bandwidth of request bodies; 0: no limit.",
    ),
    batches_per_second: count(0, { min: 0, max: 100_000 }, "Rate of batches; 0: no limit."),
  })
  .prefault({})
  .meta({ title: "Rate" });

const read = z
  .strictObject({
    poll_ms: milliseconds(
      1000,
      HOUR_MS,
      "Time between two looks at the spool where the system does not tell of changes.",
    ),
  })
  .prefault({})
  .meta({ title: "Reading" });

const quarantine = z
  .strictObject({
    max_bytes: count(
      64 * MIB,
      { min: MIB, max: 100 * 1024 * MIB },
      "All refused events kept together; the oldest make room. Bytes.",
    ),
    max_entries: count(1000, { min: 1, max: 100_000 }, "Refused events kept."),
  })
  .prefault({})
  .meta({ title: "What was refused" });

const lag = z
  .strictObject({
    warn_events: count(
      100_000,
      { min: 1, max: 1_000_000_000 },
      "Unsent events from which on the sender says that it is behind.",
    ),
    warn_age_s: seconds(
      900,
      { min: 1, max: 31_536_000 },
      "Age of the oldest unsent event from which on it says so.",
    ),
    stall_s: seconds(
      300,
      { min: 5, max: 86_400 },
      "Time without an acknowledgement, with something to send, after which it says that it is not shipping.",
    ),
  })
  .prefault({})
  .meta({ title: "Lag" });

const policy = z
  .strictObject({
    enabled: z
      .boolean()
      .default(true)
      .meta({ description: "Fetch signed policy for the agent.", examples: [true] }),
    poll_s: seconds(60, { min: 5, max: 86_400 }, "Time between two looks for policy."),
    max_bytes: count(4 * MIB, { min: KIB, max: 16 * MIB }, "Largest policy taken. Bytes."),
    answer_ms: milliseconds(
      60_000,
      HOUR_MS,
      "For the agent's answer to a policy it is handed: it loads and applies it first.",
    ),
    offer_s: seconds(
      3600,
      { min: 60, max: 604_800 },
      "Time after which the agent is handed the same policy again, in case it lost it.",
    ),
    insist_s: seconds(
      300,
      { min: 5, max: 604_800 },
      "The same after the agent refused it: what was wrong may be the host's, and mended by then.",
    ),
  })
  .prefault({})
  .meta({ title: "Policy courier" });

const certificate = z
  .strictObject({
    warn_days: z
      .array(z.int().min(0).max(3650))
      .max(16)
      .default([30, 7, 1])
      .meta({
        description: "Days before this host's certificate expires on which it warns.",
        examples: [[30, 7, 1]],
      }),
    check_s: seconds(
      60,
      { min: 1, max: 86_400 },
      "Time between two looks at the certificate files.",
    ),
  })
  .prefault({})
  .meta({ title: "This host's certificate" });

const tls = z
  .strictObject({
    min_version: z
      .enum(["TLSv1.3", "TLSv1.2"])
      .default("TLSv1.3")
      .meta({ description: "Oldest protocol spoken.", examples: ["TLSv1.3"] }),
  })
  .prefault({})
  .meta({ title: "TLS" });

const limits = z
  .strictObject({
    memory_mb: count(
      384,
      { min: 64, max: 65_536 },
      "Memory beyond which the sender ends itself for its service manager to start it again. MiB.",
    ),
  })
  .prefault({})
  .meta({ title: "Limits" });

/** `sender.yaml`. */
export const senderSettingsSchema = z
  .strictObject({
    server,
    batch,
    retry,
    timeout,
    limit,
    read,
    quarantine,
    lag,
    heartbeat_s: seconds(60, { min: 5, max: 86_400 }, "Time between two heartbeats."),
    policy,
    certificate,
    tls,
    limits,
    spool_dir: path("The agent's spool. Default: that of the mode.", "/var/spool/sigil/events"),
    state_dir: path(
      "Checkpoint, quarantine and notes. Default: that of the mode.",
      "/var/lib/sigil-sender",
    ),
    control_path: path(
      "The agent's control socket. Default: that of the mode.",
      "/run/sigil/control.sock",
    ),
  })
  .meta({ id: "sender", title: "Sender settings", description: "Configuration of sigil-sender." });

export type SenderSettings = z.output<typeof senderSettingsSchema>;

/** Only https, and nothing in it that is a secret or would be cut off. */
export function isServerUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url?.protocol !== "https:" || url.hostname === "") return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

function isProxy(text: string): boolean {
  if (text === "none" || text === "environment") return true;
  const url = URL.parse(text);
  return (url?.protocol === "http:" || url?.protocol === "https:") && url.hostname !== "";
}
