import { type CommandOutcome, type RunCommand, type Tool, whyNoAnswer } from "./command.ts";
import { parseLaunchctlState } from "./darwin.ts";
import { parseProperties } from "./linux.ts";
import type { Mode } from "./mode.ts";
import type { Platform } from "./platform.ts";
import { ERROR_SERVICE_DOES_NOT_EXIST, parseScState } from "./win32.ts";

/** Names under which packages install the service. */
export const SERVICE_NAMES = {
  linux: "sigil.service",
  macos: "com.sigil.agent",
  windows: "sigil",
} as const satisfies Readonly<Record<Platform, string>>;

export type ServiceStatus =
  | {
      readonly state: "running" | "starting" | "stopping" | "stopped" | "failed";
      /** Started without a person; null when the service manager was not asked or did not say. */
      readonly enabled: boolean | null;
      /** The service manager's own words. */
      readonly detail: string;
    }
  | { readonly state: "not_installed" }
  | { readonly state: "unknown"; readonly why: string };

/** Whether the agent is installed and running as a service. Asks; never starts or changes it. */
export async function serviceStatus(input: {
  readonly platform: Platform;
  readonly mode: Mode;
  readonly run: RunCommand;
  /** The user whose launchd domain is asked, in user mode on macOS. */
  readonly uid?: number;
}): Promise<ServiceStatus> {
  switch (input.platform) {
    case "linux":
      return systemd(input.mode, input.run);
    case "macos":
      return launchd(input.mode, input.run, input.uid);
    case "windows":
      return windowsService(input.mode, input.run);
  }
}

async function systemd(mode: Mode, run: RunCommand): Promise<ServiceStatus> {
  const scope = mode === "user" ? ["--user"] : [];
  const outcome = await run("systemctl", [
    ...scope,
    "show",
    SERVICE_NAMES.linux,
    "--property=LoadState,ActiveState,UnitFileState",
  ]);
  if (outcome.kind !== "exited" || outcome.code !== 0) return unknown(outcome, "systemctl");
  return parseSystemctl(outcome.stdout);
}

/** `systemctl show --property=LoadState,ActiveState,UnitFileState`; systemd(1) and org.freedesktop.systemd1(5). */
export function parseSystemctl(text: string): ServiceStatus {
  const properties = parseProperties(text);
  const load = properties.get("LoadState") ?? "";
  const active = properties.get("ActiveState") ?? "";
  const file = properties.get("UnitFileState") ?? "";
  const state = SYSTEMD_STATES.get(active);
  if (load === "" || state === undefined) {
    return { state: "unknown", why: "systemctl gave no answer that can be read" };
  }
  // A unit whose file was removed under it is `not-found` and may still run.
  if (load === "not-found" && state === "stopped") return { state: "not_installed" };
  const enabled = file === "" ? null : file.startsWith("enabled");
  const detail = [load, active, file].filter((word) => word !== "").join(", ");
  return { state, enabled, detail };
}

type Installed = "running" | "starting" | "stopping" | "stopped" | "failed";

const SYSTEMD_STATES: ReadonlyMap<string, Installed> = new Map<string, Installed>([
  ["active", "running"],
  ["reloading", "running"],
  ["refreshing", "running"],
  ["maintenance", "running"],
  ["activating", "starting"],
  ["deactivating", "stopping"],
  ["inactive", "stopped"],
  ["failed", "failed"],
]);

async function launchd(
  mode: Mode,
  run: RunCommand,
  uid: number | undefined,
): Promise<ServiceStatus> {
  if (mode === "user" && uid === undefined) {
    return { state: "unknown", why: "the uid of the launchd domain is not known" };
  }
  const domain = mode === "user" ? `gui/${uid}` : "system";
  const outcome = await run("launchctl", ["print", `${domain}/${SERVICE_NAMES.macos}`]);
  if (outcome.kind !== "exited") return unknown(outcome, "launchctl");
  if (outcome.code !== 0) {
    const missing = `${outcome.stdout}\n${outcome.stderr}`.includes("Could not find service");
    return missing ? { state: "not_installed" } : unknown(outcome, "launchctl");
  }
  return parseLaunchctl(outcome.stdout);
}

/** `launchctl print DOMAIN/SERVICE`. One that is not loaded counts as not installed. */
export function parseLaunchctl(text: string): ServiceStatus {
  const state = parseLaunchctlState(text);
  if (state === null) return { state: "unknown", why: "launchctl named no state" };
  return { state: state === "running" ? "running" : "stopped", enabled: null, detail: state };
}

async function windowsService(mode: Mode, run: RunCommand): Promise<ServiceStatus> {
  if (mode === "user") {
    return { state: "unknown", why: "Windows has services in system mode only" };
  }
  const outcome = await run("sc", ["query", SERVICE_NAMES.windows]);
  if (outcome.kind !== "exited") return unknown(outcome, "sc");
  if (outcome.code === ERROR_SERVICE_DOES_NOT_EXIST) return { state: "not_installed" };
  return outcome.code === 0 ? parseSc(outcome.stdout) : unknown(outcome, "sc");
}

/** `sc.exe query NAME`; SERVICE_STATUS of the Win32 API. It does not say the start type. */
export function parseSc(text: string): ServiceStatus {
  const detail = parseScState(text);
  const state = detail === null ? undefined : SC_STATES.get(detail);
  if (detail === null || state === undefined) {
    return { state: "unknown", why: "sc named no state" };
  }
  return { state, enabled: null, detail };
}

const SC_STATES: ReadonlyMap<string, Installed> = new Map<string, Installed>([
  ["RUNNING", "running"],
  ["START_PENDING", "starting"],
  ["CONTINUE_PENDING", "starting"],
  ["STOP_PENDING", "stopping"],
  ["PAUSE_PENDING", "stopping"],
  ["PAUSED", "stopped"],
  ["STOPPED", "stopped"],
]);

/** The first line of what the tool complained about is the most useful reason there is. */
function unknown(outcome: CommandOutcome, tool: Tool): ServiceStatus {
  const why = whyNoAnswer(outcome, tool);
  if (outcome.kind !== "exited") return { state: "unknown", why };
  const said =
    outcome.stderr
      .split("\n", 1)[0]
      ?.replaceAll(/\p{C}+/gu, " ")
      .trim() ?? "";
  return { state: "unknown", why: said === "" ? why : `${why}: ${said.slice(0, 160)}` };
}
