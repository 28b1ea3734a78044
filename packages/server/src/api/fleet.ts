import type { IssuedCertificate, Registry } from "../registry/model.ts";
import type { EventStore, HostSummary, Page } from "../store/model.ts";

export type FleetDeps = {
  readonly store: Pick<EventStore, "hosts" | "host">;
  readonly registry: Pick<Registry, "certificates">;
};

/** Cursors of hosts that were enrolled and never sent anything: those come last. */
const ENROLLED = "enrolled:";

/** All hosts: first those that sent something, then those that were enrolled and never did. */
export async function fleetPage(
  page: { readonly limit: number; readonly cursor?: string | undefined },
  { store, registry }: FleetDeps,
): Promise<Page<HostSummary>> {
  const { limit, cursor } = page;
  const isSilent = cursor?.startsWith(ENROLLED) === true;
  const seen = isSilent
    ? { items: [], next: null }
    : await store.hosts({ limit, ...(cursor === undefined ? {} : { cursor }) });
  const groups = groupsOf(registry.certificates({}));
  const items = seen.items.map((host) => ({
    ...host,
    group: groups.get(host.host_id) ?? host.group,
  }));
  if (seen.next !== null) return { items, next: seen.next };
  let after = isSilent ? cursor.slice(ENROLLED.length) : "";
  for (const [hostId, group] of [...groups].toSorted(byName)) {
    if (hostId <= after) continue;
    if (items.length >= limit) return { items, next: ENROLLED + after };
    if ((await store.host(hostId)) === null) items.push(neverSeen(hostId, group));
    after = hostId;
  }
  return { items, next: null };
}

/** @returns null for a host that was neither enrolled nor ever sent anything */
export async function fleetHost(hostId: string, { store, registry }: FleetDeps) {
  const certificates = registry.certificates({ host: hostId });
  const seen = await store.host(hostId);
  const group = groupsOf(certificates).get(hostId);
  if (seen === null && group === undefined) return null;
  const summary = seen ?? neverSeen(hostId, group ?? "default");
  const listed = certificates.map(({ host_id: _host, ...certificate }) => certificate);
  return { ...summary, group: group ?? summary.group, certificates: listed };
}

/** A host's group is that of its newest certificate. */
function groupsOf(certificates: readonly IssuedCertificate[]): Map<string, string> {
  return new Map(certificates.map(({ host_id, group }) => [host_id, group]));
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function neverSeen(hostId: string, group: string): HostSummary {
  return {
    host_id: hostId,
    group,
    first_seen: null,
    last_seen: null,
    events: 0,
    agent_version: null,
    policy_version: null,
    score: null,
    band: null,
    silent: true,
    irregular: false,
  };
}
