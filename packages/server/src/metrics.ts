/** What a metric is; `help` as in the exposition format. */
export type MetricSpec = {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
};

/** Every metric of the server; the names are a public contract. */
export const METRICS = {
  sigil_server_info: { type: "gauge", help: "1; the version is a label." },
  sigil_server_requests_total: {
    type: "counter",
    help: "Requests answered, by listener, route and status.",
  },
  sigil_server_request_seconds: {
    type: "histogram",
    help: "Time from a request's headers to the end of its answer, by listener and route.",
  },
  sigil_server_connections: { type: "gauge", help: "Open connections, by listener." },
  sigil_server_connections_closed_total: {
    type: "counter",
    help: "Connections of hosts the server closed, by reason.",
  },
  sigil_server_batches_total: { type: "counter", help: "Batches committed." },
  sigil_server_events_total: {
    type: "counter",
    help: "Events of committed batches, by outcome: accepted, duplicate, rejected.",
  },
  sigil_server_events_stored: { type: "gauge", help: "Events in the store." },
  sigil_server_hosts: { type: "gauge", help: "Hosts that sent something." },
  sigil_server_store_bytes: { type: "gauge", help: "Size of the store." },
  sigil_server_commit_seconds: { type: "gauge", help: "How long the last durable commit took." },
  sigil_server_events_pruned_total: { type: "counter", help: "Events deleted by retention." },
  sigil_server_store_set_aside_total: {
    type: "counter",
    help: "Damaged stores that were set aside and begun anew.",
  },
  sigil_server_certificate_expiry_seconds: {
    type: "gauge",
    help: "When the server's own certificate ends, seconds since the epoch.",
  },
  process_resident_memory_bytes: { type: "gauge", help: "Resident memory." },
  process_cpu_seconds_total: { type: "counter", help: "User and system time." },
  process_start_time_seconds: { type: "gauge", help: "Start, seconds since the epoch." },
} as const satisfies Readonly<Record<string, MetricSpec>>;

export type MetricName = keyof typeof METRICS;
export type Labels = Readonly<Record<string, string | number>>;

export interface Metrics {
  /** Adds to a counter. */
  count(name: MetricName, labels?: Labels, by?: number): void;
  set(name: MetricName, value: number, labels?: Labels): void;
  /** Into a histogram. @param value seconds */
  observe(name: MetricName, value: number, labels?: Labels): void;
  /** Prometheus' text format 0.0.4. */
  render(): string;
}

const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type Histogram = { readonly labels: Labels; readonly counts: number[]; sum: number; count: number };

export function createMetrics(): Metrics {
  const values = new Map<MetricName, Map<string, number>>();
  const histograms = new Map<MetricName, Map<string, Histogram>>();
  const valuesOf = (name: MetricName) => entry(values, name, () => new Map<string, number>());
  return {
    count(name, labels = {}, by = 1) {
      const series = valuesOf(name);
      const key = labelText(labels);
      series.set(key, (series.get(key) ?? 0) + by);
    },
    set: (name, value, labels = {}) => void valuesOf(name).set(labelText(labels), value),
    observe(name, value, labels = {}) {
      const series = entry(histograms, name, () => new Map<string, Histogram>());
      const make = () => ({ labels, counts: BUCKETS.map(() => 0), sum: 0, count: 0 });
      const histogram = entry(series, labelText(labels), make);
      const bucket = BUCKETS.findIndex((most) => value <= most);
      if (bucket >= 0) histogram.counts[bucket] = (histogram.counts[bucket] ?? 0) + 1;
      histogram.sum += value;
      histogram.count += 1;
    },
    render() {
      const lines = Object.entries(METRICS).flatMap(([key, { type, help }]) => {
        const name = key as MetricName;
        const plain = [...(values.get(name) ?? [])].map(([at, value]) => `${name}${at} ${value}`);
        const spread = [...(histograms.get(name)?.values() ?? [])].flatMap((one) =>
          spelled(name, one),
        );
        const samples = [...plain, ...spread];
        return samples.length === 0
          ? []
          : [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples];
      });
      return `${lines.join("\n")}\n`;
    },
  };
}

/** Cumulative, as the format wants it. */
function spelled(name: string, { labels, counts, sum, count }: Histogram): string[] {
  let total = 0;
  const buckets = BUCKETS.map((most, at) => {
    total += counts[at] ?? 0;
    return `${name}_bucket${labelText({ ...labels, le: most })} ${total}`;
  });
  return [
    ...buckets,
    `${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${count}`,
    `${name}_sum${labelText(labels)} ${sum}`,
    `${name}_count${labelText(labels)} ${count}`,
  ];
}

function entry<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${escapeLabel(String(value))}"`,
  );
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escapeLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
