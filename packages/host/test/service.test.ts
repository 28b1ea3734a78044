import { describe, expect, it } from "vitest";
import { type CommandOutcome, parseSystemctl, serviceStatus } from "../src/index.ts";
import { exited, fakeRun, fixture } from "./fake.ts";

describe("serviceStatus on Linux", () => {
  const query = "show sigil.service --property=LoadState,ActiveState,UnitFileState";
  const ask = (answer: string | CommandOutcome) =>
    serviceStatus({
      platform: "linux",
      mode: "system",
      run: fakeRun({ [`systemctl ${query}`]: answer }),
    });

  it("knows a running service", async () => {
    expect(await ask(fixture("systemctl-running.txt"))).toEqual({
      state: "running",
      enabled: true,
      detail: "loaded, active, enabled",
    });
  });

  it("knows a failed and disabled one", async () => {
    expect(await ask(fixture("systemctl-failed.txt"))).toEqual({
      state: "failed",
      enabled: false,
      detail: "loaded, failed, disabled",
    });
  });

  it("knows when it is not installed", async () => {
    expect(await ask(fixture("systemctl-missing.txt"))).toEqual({ state: "not_installed" });
  });

  it("asks the user's manager in user mode", async () => {
    const run = fakeRun({ [`systemctl --user ${query}`]: fixture("systemctl-running.txt") });
    expect(await serviceStatus({ platform: "linux", mode: "user", run })).toMatchObject({
      state: "running",
    });
  });

  it("says why it does not know", async () => {
    expect(await ask({ kind: "absent" })).toEqual({
      state: "unknown",
      why: "systemctl is not installed",
    });
    const stderr =
      "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n";
    expect(await ask(exited(1, "", stderr))).toEqual({
      state: "unknown",
      why: "systemctl exited with 1: System has not been booted with systemd as init system (PID 1). Can't operate.",
    });
    expect(await ask({ kind: "timed_out", timeoutMs: 2000 })).toMatchObject({ state: "unknown" });
  });
});

describe("parseSystemctl", () => {
  it.each([
    ["activating", "starting"],
    ["deactivating", "stopping"],
    ["inactive", "stopped"],
    ["reloading", "running"],
  ])("reads %s as %s", (active, state) => {
    expect(parseSystemctl(`LoadState=loaded\nActiveState=${active}\n`)).toMatchObject({
      state,
      enabled: null,
    });
  });

  it("keeps a process whose unit file is gone running", () => {
    expect(
      parseSystemctl("LoadState=not-found\nActiveState=active\nUnitFileState=\n"),
    ).toMatchObject({ state: "running" });
  });

  it.each(["", "\0\0", "ActiveState=active", "LoadState=loaded\nActiveState=constructor"])(
    "does not know what %j means",
    (text) => {
      expect(parseSystemctl(text).state).toBe("unknown");
    },
  );
});

function askMacos(answer: string | CommandOutcome) {
  const run = fakeRun({ "launchctl print system/com.sigil.agent": answer });
  return serviceStatus({ platform: "macos", mode: "system", run });
}

describe("serviceStatus on macOS", () => {
  it("knows a running service by its own state, not its endpoints'", async () => {
    expect(await askMacos(fixture("launchctl-running.txt"))).toEqual({
      state: "running",
      enabled: null,
      detail: "running",
    });
    expect(await askMacos(fixture("launchctl-stopped.txt"))).toMatchObject({
      state: "stopped",
      detail: "not running",
    });
  });

  it("knows when it is not installed", async () => {
    expect(await askMacos(exited(113, "", fixture("launchctl-missing.txt")))).toEqual({
      state: "not_installed",
    });
  });

  it("does not take another failure for that", async () => {
    expect(await askMacos(exited(1, "", "Unrecognized target specifier.\n"))).toEqual({
      state: "unknown",
      why: "launchctl exited with 1: Unrecognized target specifier.",
    });
    expect(await askMacos("")).toMatchObject({ state: "unknown" });
  });

  it("asks the user's domain in user mode", async () => {
    const run = fakeRun({
      "launchctl print gui/501/com.sigil.agent": fixture("launchctl-running.txt"),
    });
    const input = { platform: "macos", mode: "user", run } as const;
    expect(await serviceStatus({ ...input, uid: 501 })).toMatchObject({ state: "running" });
    expect(await serviceStatus(input)).toMatchObject({ state: "unknown" });
    expect(run.calls).toHaveLength(1);
  });
});

function askWindows(answer: string | CommandOutcome) {
  const run = fakeRun({ "sc query sigil": answer });
  return serviceStatus({ platform: "windows", mode: "system", run });
}

describe("serviceStatus on Windows", () => {
  it("knows a running service", async () => {
    expect(await askWindows(fixture("sc-running.txt"))).toEqual({
      state: "running",
      enabled: null,
      detail: "RUNNING",
    });
  });

  it("reads translated labels", async () => {
    expect(await askWindows(fixture("sc-stopped-french.txt"))).toMatchObject({ state: "stopped" });
  });

  it("knows when it is not installed", async () => {
    expect(await askWindows(exited(1060, fixture("sc-missing.txt")))).toEqual({
      state: "not_installed",
    });
  });

  it("says why it does not know", async () => {
    expect(await askWindows(exited(5, "Access is denied."))).toEqual({
      state: "unknown",
      why: "sc exited with 5",
    });
    expect(await askWindows("garbage")).toEqual({ state: "unknown", why: "sc named no state" });
    expect(
      await serviceStatus({ platform: "windows", mode: "user", run: fakeRun() }),
    ).toMatchObject({ state: "unknown" });
  });
});
