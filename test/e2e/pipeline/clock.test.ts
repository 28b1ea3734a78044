import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cannot, eventually } from "../harness.ts";
import { createFleet, type Fleet } from "./fleet.ts";
import { expectCleanLedger } from "./load.ts";
import { arrived, expectExactlyOnce, storedCount } from "./stored.ts";

const LIBRARY = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib64/faketime/libfaketime.so.1",
].find((path) => existsSync(path));

/** A wall clock of its own for a process, that jumps when it is told to; its monotonic clock goes on. */
function jumpyClock(fleet: Fleet, name: string) {
  const file = join(fleet.root, `${name}.faketime`);
  const jump = (offset: string) => writeFileSync(file, `${offset}\n`);
  jump("+0");
  const env = {
    LD_PRELOAD: LIBRARY ?? "",
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
  };
  return { jump, env };
}

describe("a clock that jumps", () => {
  it("days ahead and back, under each of the three: nothing is lost, and nothing comes twice", async ({
    skip,
  }) => {
    if (LIBRARY === undefined) cannot(skip, "the package faketime is not installed");
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const clocks = ["server", "sender", "agent"].map((name) => jumpyClock(fleet, name));
    const [server, sender, agent] = clocks as [
      (typeof clocks)[0],
      (typeof clocks)[0],
      (typeof clocks)[0],
    ];
    await fleet.serve({ env: server.env });
    const filler = host.fill.start({}, agent.env);
    host.send({ env: sender.env });
    const goesOn = async () => {
      const stored = storedCount(fleet.db, "h1");
      await eventually(() => storedCount(fleet.db, "h1") > stored + 100);
    };
    await goesOn();
    for (const { jump } of clocks) {
      for (const offset of ["+3d", "+20d", "+0"]) {
        jump(offset);
        await goesOn();
      }
    }
    await filler.stop();
    await arrived(host);
    await expectCleanLedger(host, await expectExactlyOnce(host));
  });

  it("out of the certificate's validity: nothing is sent until it is back", async ({ skip }) => {
    if (LIBRARY === undefined) cannot(skip, "the package faketime is not installed");
    const fleet = await createFleet();
    const host = fleet.host("h1");
    const clock = jumpyClock(fleet, "sender");
    // The files are looked at that often; the clock has to be as well.
    host.configure({ certificate: { check_s: 1 } });
    await fleet.serve();
    const filler = host.fill.start();
    const sender = host.send({ env: clock.env });
    for (const [offset, reason] of [
      ["+200d", "own-certificate-expired"],
      ["-200d", "own-certificate-not-yet-valid"],
    ] as const) {
      const stored = storedCount(fleet.db, "h1");
      await eventually(() => storedCount(fleet.db, "h1") > stored + 100);
      clock.jump(offset);
      await eventually(() => sender.log().includes(reason));
      const quiet = storedCount(fleet.db, "h1");
      const filled = host.fill.count();
      await eventually(() => host.fill.count() > filled + 200);
      expect(storedCount(fleet.db, "h1")).toBe(quiet);
      clock.jump("+0");
    }
    await filler.stop();
    await arrived(host);
    await expectCleanLedger(host, await expectExactlyOnce(host));
  });
});
