import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createFleet } from "./fleet.ts";
import { arrived, expectExactlyOnce } from "./stored.ts";

describe("a host with an operator's token", () => {
  it("enrols, ships, and is known by its group; the token is good once", async () => {
    const fleet = await createFleet();
    const host = fleet.host("h1", "newcomer");
    for (const file of [host.tls.certificate, host.tls.key]) rmSync(file);
    await fleet.serve();
    await fleet.command(["ca", "revoke", "--host", "h1", "--why", "the test's own"]);
    const made = [
      "token",
      "create",
      "--scope",
      "enroll",
      "--group",
      "eng",
      "--uses",
      "1",
      "--json",
    ];
    const { secret } = JSON.parse(await fleet.command(made)) as { readonly secret: string };
    const token = join(fleet.root, "enroll-token");
    writeFileSync(token, secret, { mode: 0o600 });
    await host.fill.start({ events: 50 }).ended;
    const url = `https://127.0.0.1:${fleet.api}`;
    // The id is that of the events in the spool.
    const enroll = ["enroll", "--server", url, "--token-file", token, "--ca", host.tls.ca];
    expect(await host.command(enroll)).toMatchObject({ code: 0 });
    host.send();
    await arrived(host);
    expect(await expectExactlyOnce(host)).toBe(50);
    const { items } = await fleet.hosts();
    expect(items.find(({ host_id }) => host_id === "h1")).toMatchObject({ group: "eng" });

    const other = fleet.host("h2", "another");
    for (const file of [other.tls.certificate, other.tls.key]) rmSync(file);
    const again = await other.command([...enroll, "--host-id", "h3"]);
    expect(again.code).toBe(4);
    expect(again.log).toContain("SIGIL_SENDER_ENROLL_REFUSED");
  });
});
