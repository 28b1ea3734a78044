import { describe, expect, it } from "vitest";
import { currentPlatform, envValue, nodeSystem, osRelease } from "../src/index.ts";
import { fakeSystem, fixture, memoryFiles } from "./fake.ts";

describe("currentPlatform", () => {
  it.each([
    ["linux", "linux"],
    ["darwin", "macos"],
    ["win32", "windows"],
  ])("calls %s %s", (name, platform) => {
    expect(currentPlatform(name)).toBe(platform);
  });

  it.each(["freebsd", "constructor", ""])("refuses %j", (name) => {
    expect(() => currentPlatform(name)).toThrowError(
      expect.objectContaining({ code: "SIGIL_HOST_PLATFORM_UNSUPPORTED" }),
    );
  });
});

describe("envValue", () => {
  it("ignores the case of names on Windows only", () => {
    expect(envValue({ PROGRAMDATA: "x" }, "ProgramData", "windows")).toBe("x");
    expect(envValue({ PROGRAMDATA: "x" }, "ProgramData", "linux")).toBeUndefined();
  });

  it("takes an empty value for unset", () => {
    expect(envValue({ XDG_STATE_HOME: "" }, "XDG_STATE_HOME", "linux")).toBeUndefined();
    expect(envValue({ programdata: "" }, "ProgramData", "windows")).toBeUndefined();
  });
});

describe("osRelease", () => {
  const system = fakeSystem();

  it("reads Linux's pretty name and kernel", async () => {
    const files = memoryFiles({ "/etc/os-release": fixture("os-release.txt") });
    expect(await osRelease({ platform: "linux", files, system })).toEqual({
      os_release: "Debian GNU/Linux 12 (bookworm)",
      kernel: "6.1.0-18-amd64",
    });
  });

  it("falls back to /usr/lib/os-release, then to the platform's name", async () => {
    const files = memoryFiles({ "/usr/lib/os-release": "NAME=Arch\nVERSION_ID='9'\n" });
    expect((await osRelease({ platform: "linux", files, system })).os_release).toBe("Arch 9");
    const none = memoryFiles({});
    expect((await osRelease({ platform: "linux", files: none, system })).os_release).toBe("Linux");
    expect((await osRelease({ platform: "macos", files: none, system })).os_release).toBe("macOS");
  });

  it("reads SystemVersion.plist on macOS", async () => {
    const path = "/System/Library/CoreServices/SystemVersion.plist";
    const files = memoryFiles({ [path]: fixture("system-version.plist") });
    expect((await osRelease({ platform: "macos", files, system })).os_release).toBe("macOS 15.0");
  });

  it("takes the edition on Windows", async () => {
    const windows = fakeSystem({ version: "Windows 11 Pro" });
    const release = await osRelease({
      platform: "windows",
      files: memoryFiles({}),
      system: windows,
    });
    expect(release.os_release).toBe("Windows 11 Pro");
  });

  it("drops control characters and overlong text", async () => {
    const hostile = `PRETTY_NAME="a\u001b[31m\u202eb${"x".repeat(500)}"\n`;
    const files = memoryFiles({ "/etc/os-release": hostile });
    const { os_release } = await osRelease({ platform: "linux", files, system });
    expect(os_release).toHaveLength(128);
    expect(os_release).not.toMatch(/\p{C}/u);
  });
});

describe("nodeSystem", () => {
  it("knows this machine", () => {
    const system = nodeSystem();
    expect(system.arch()).toBe(process.arch);
    for (const fact of [system.hostname(), system.kernel(), system.user()]) {
      expect(fact).not.toBe("");
    }
  });
});
