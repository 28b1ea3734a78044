import { describe, expect, it } from "vitest";
import {
  isDrivePath,
  parseMachineGuid,
  parseProfileList,
  parseScState,
  systemRoot,
} from "../src/win32.ts";
import { fixture } from "./fake.ts";

describe("isDrivePath", () => {
  it.each(["C:\\Users", "d:/x"])("takes %s", (path) => {
    expect(isDrivePath(path)).toBe(true);
  });

  it.each(["\\\\server\\x", "\\x", "C:x", "/x", "\\\\?\\C:\\x", ""])("refuses %j", (path) => {
    expect(isDrivePath(path)).toBe(false);
  });
});

describe("parseMachineGuid", () => {
  it("finds the GUID", () => {
    expect(parseMachineGuid(fixture("machine-guid.txt"))).toBe(
      "9f1d2c3b-4a5e-4f60-8172-93a4b5c6d7e8",
    );
  });

  it.each(["", "    MachineGuid    REG_SZ    \r\n", "    MachineGuid    REG_DWORD    0x1"])(
    "takes nothing from %j",
    (text) => {
      expect(parseMachineGuid(text)).toBeNull();
    },
  );
});

describe("parseProfileList", () => {
  it("expands the two variables of the machine and no other", () => {
    const key = "HKEY_LOCAL_MACHINE\\X\\ProfileList\\S-1-5-21-1-2-3-1001\r\n";
    const homes = (value: string) =>
      parseProfileList(`${key}    ProfileImagePath    REG_EXPAND_SZ    ${value}\r\n`, {
        SystemRoot: "D:\\Windows",
        EVIL: "X:\\",
      }).map(({ home }) => home);
    expect(homes("%SYSTEMDRIVE%\\Users\\a$&")).toEqual(["D:\\Users\\a$&"]);
    expect(homes("%systemroot%\\x")).toEqual(["D:\\Windows\\x"]);
    expect(homes("%EVIL%\\x")).toEqual(["%EVIL%\\x"]);
  });

  it("needs a key before a value", () => {
    expect(parseProfileList("    ProfileImagePath    REG_SZ    C:\\x\r\n", {})).toEqual([]);
  });
});

describe("parseScState", () => {
  it("is not taken in by other lines", () => {
    expect(parseScState("        TYPE : 10  WIN32_OWN_PROCESS\r\n")).toBeNull();
    expect(parseScState("        STATE : 9  RUNNING\r\n")).toBeNull();
    expect(parseScState("        STATE : 4  RUNNINGLY\r\n")).toBeNull();
  });
});

describe("systemRoot", () => {
  it("refuses dots alone", () => {
    expect(systemRoot({ SystemRoot: "C:\\.." })).toBe("C:\\Windows");
  });
});
