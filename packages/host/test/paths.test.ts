import { describe, expect, it } from "vitest";
import { checkSocketPath, resolvePaths } from "../src/index.ts";

/** The pipe of a Windows user in user mode. */
function pipe(user: string): string {
  const home = `C:\\Users\\${user}`;
  return resolvePaths({ platform: "windows", mode: "user", env: {}, home }).control;
}

describe("resolvePaths", () => {
  describe("when the mode is system", () => {
    it("gives Linux's row of the design, whatever the environment says", () => {
      const env = { XDG_CONFIG_HOME: "/evil", XDG_STATE_HOME: "/evil", XDG_RUNTIME_DIR: "/evil" };
      expect(resolvePaths({ platform: "linux", mode: "system", env })).toEqual({
        configDir: "/etc/sigil",
        stateDir: "/var/lib/sigil",
        runtimeDir: "/run/sigil",
        policy: "/etc/sigil/policy.yaml",
        trust: "/etc/sigil/trust.json",
        spool: "/var/spool/sigil/events",
        state: "/var/lib/sigil/state.db",
        hostId: "/var/lib/sigil/host-id",
        control: "/run/sigil/control.sock",
        senderConfig: "/etc/sigil/sender.yaml",
        sender: "/var/lib/sigil-sender",
        serverConfig: "/etc/sigil/server.yaml",
        server: "/var/lib/sigil-server",
        tls: "/etc/sigil/tls",
      });
    });

    it("differs on macOS in the runtime directory only", () => {
      const linux = resolvePaths({ platform: "linux", mode: "system", env: {} });
      const macos = resolvePaths({ platform: "macos", mode: "system", env: {} });
      expect(macos).toEqual({
        ...linux,
        runtimeDir: "/var/run/sigil",
        control: "/var/run/sigil/control.sock",
      });
    });

    it("puts everything under %ProgramData% on Windows", () => {
      const env = { PROGRAMDATA: "D:\\Data" };
      expect(resolvePaths({ platform: "windows", mode: "system", env })).toMatchObject({
        policy: "D:\\Data\\Sigil\\policy.yaml",
        trust: "D:\\Data\\Sigil\\trust.json",
        spool: "D:\\Data\\Sigil\\events",
        state: "D:\\Data\\Sigil\\state.db",
        control: "\\\\.\\pipe\\sigil-control",
        sender: "D:\\Data\\Sigil\\sender",
        server: "D:\\Data\\Sigil\\server",
        tls: "D:\\Data\\Sigil\\tls",
      });
    });

    it.each(["", "relative", "\\\\host\\share", "\\Data"])("ignores ProgramData=%j", (value) => {
      const env = { ProgramData: value };
      const { policy } = resolvePaths({ platform: "windows", mode: "system", env });
      expect(policy).toBe("C:\\ProgramData\\Sigil\\policy.yaml");
    });
  });

  describe.each(["linux", "macos"] as const)("when the mode is user on %s", (platform) => {
    it("follows the XDG variables", () => {
      const env = { XDG_CONFIG_HOME: "/c", XDG_STATE_HOME: "/s", XDG_RUNTIME_DIR: "/r" };
      expect(resolvePaths({ platform, mode: "user", env })).toEqual({
        configDir: "/c/sigil",
        stateDir: "/s/sigil",
        runtimeDir: "/r/sigil",
        policy: "/c/sigil/policy.yaml",
        trust: "/c/sigil/trust.json",
        spool: "/s/sigil/events",
        state: "/s/sigil/state.db",
        hostId: "/s/sigil/host-id",
        control: "/r/sigil/control.sock",
        senderConfig: "/c/sigil/sender.yaml",
        sender: "/s/sigil/sender",
        serverConfig: "/c/sigil/server.yaml",
        server: "/s/sigil/server",
        tls: "/c/sigil/tls",
      });
    });

    it.each([{}, { XDG_CONFIG_HOME: "", XDG_STATE_HOME: "state", XDG_RUNTIME_DIR: "./run" }])(
      "ignores unset, empty and relative ones: %j",
      (env) => {
        expect(resolvePaths({ platform, mode: "user", env, home: "/home/alice" })).toMatchObject({
          policy: "/home/alice/.config/sigil/policy.yaml",
          state: "/home/alice/.local/state/sigil/state.db",
          control: "/home/alice/.local/state/sigil/control.sock",
        });
      },
    );

    it.each([undefined, "", "home/alice"])("needs an absolute home, not %j", (bad) => {
      expect(() => resolvePaths({ platform, mode: "user", env: {}, home: bad })).toThrowError(
        expect.objectContaining({ code: "SIGIL_HOST_HOME_INVALID" }),
      );
    });
  });

  describe("when the mode is user on Windows", () => {
    const platform = "windows";
    const profile = "C:\\Users\\alice";

    it("uses %LOCALAPPDATA%", () => {
      const env = { LOCALAPPDATA: "C:\\Users\\alice\\AppData\\Local" };
      expect(resolvePaths({ platform, mode: "user", env })).toMatchObject({
        policy: "C:\\Users\\alice\\AppData\\Local\\Sigil\\policy.yaml",
        state: "C:\\Users\\alice\\AppData\\Local\\Sigil\\state.db",
        control: "\\\\.\\pipe\\sigil-control-b728c13dc138",
      });
    });

    it("falls back to the profile", () => {
      const { spool } = resolvePaths({ platform, mode: "user", env: {}, home: profile });
      expect(spool).toBe("C:\\Users\\alice\\AppData\\Local\\Sigil\\events");
    });

    it("takes XDG variables with a drive and ignores drive-relative and UNC ones", () => {
      const env = { XDG_CONFIG_HOME: "D:\\cfg", XDG_STATE_HOME: "/home/alice/state" };
      expect(resolvePaths({ platform, mode: "user", env, home: profile })).toMatchObject({
        policy: "D:\\cfg\\sigil\\policy.yaml",
        state: "C:\\Users\\alice\\AppData\\Local\\Sigil\\state.db",
      });
    });

    it("gives users different pipes", () => {
      expect(pipe("alice")).not.toBe(pipe("bob"));
      expect(pipe("alice")).toBe(pipe("ALICE"));
    });

    it("refuses a home on another machine", () => {
      const bad = "\\\\server\\homes\\alice";
      expect(() => resolvePaths({ platform, mode: "user", env: {}, home: bad })).toThrowError(
        expect.objectContaining({ code: "SIGIL_HOST_HOME_INVALID" }),
      );
    });
  });
});

describe("checkSocketPath", () => {
  it("allows 103 bytes and refuses 104 with a hint", () => {
    expect(() => checkSocketPath(`/${"a".repeat(102)}`, "linux")).not.toThrow();
    expect(() => checkSocketPath(`/${"a".repeat(103)}`, "macos")).toThrowError(
      expect.objectContaining({
        code: "SIGIL_HOST_SOCKET_PATH_TOO_LONG",
        hint: expect.stringContaining("XDG_RUNTIME_DIR"),
        context: { bytes: 104, max: 103 },
      }),
    );
  });

  it("counts bytes, not characters", () => {
    expect(() => checkSocketPath(`/${"é".repeat(52)}`, "linux")).toThrowError(/105 bytes/);
  });

  it("lets Windows pipe names pass", () => {
    expect(() => checkSocketPath(`\\\\.\\pipe\\${"a".repeat(200)}`, "windows")).not.toThrow();
  });
});
