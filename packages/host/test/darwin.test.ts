import { describe, expect, it } from "vitest";
import {
  isSystemAccount,
  parseDsclList,
  parseIoreg,
  parseLaunchctlState,
  parseSystemVersion,
} from "../src/darwin.ts";
import { fixture } from "./fake.ts";

describe("parseIoreg", () => {
  it("finds the UUID", () => {
    expect(parseIoreg(fixture("ioreg.txt"))).toBe("5e4b3d6c-2a1f-5c8e-9b70-1d2e3f405162");
  });

  it.each([
    "",
    '"IOPlatformUUID" = "00000000-0000-0000-0000-000000000000"',
    '"IOPlatformUUID" = "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"',
    '"IOPlatformUUID" = "5E4B3D6C2A1F5C8E9B701D2E3F405162----"',
    'x "IOPlatformUUID" = "5E4B3D6C-2A1F-5C8E-9B70-1D2E3F405162"',
  ])("takes nothing from %j", (text) => {
    expect(parseIoreg(text)).toBeNull();
  });
});

describe("parseLaunchctlState", () => {
  it("passes over the states of nested parts, also before the service's own", () => {
    const text = "x = {\n\tendpoints = {\n\t\tstate = running\n\t}\n\tstate = waiting\n}\n";
    expect(parseLaunchctlState(text)).toBe("waiting");
    expect(parseLaunchctlState("\t\tstate = running\n")).toBeNull();
  });
});

describe("parseDsclList", () => {
  it("keeps blanks inside a value and drops lines without one", () => {
    expect([...parseDsclList("a   /Users/A  B \r\nnovalue\n\n")]).toEqual([["a", "/Users/A  B"]]);
  });
});

describe("isSystemAccount", () => {
  it.each([
    ["root", 0, false],
    ["alice", 501, false],
    ["alice", null, false],
    ["svc", 500, true],
    ["_www", 70, true],
    ["_hidden", 600, true],
    ["nobody", null, true],
    ["nobody", 4_294_967_294, true],
  ])("says of %s (%j): %j", (name, uid, expected) => {
    expect(isSystemAccount(name, uid)).toBe(expected);
  });
});

describe("parseSystemVersion", () => {
  it("joins name and version", () => {
    expect(parseSystemVersion(fixture("system-version.plist"))).toBe("macOS 15.0");
  });

  it("gives null for anything else, such as a binary plist", () => {
    expect(parseSystemVersion("bplist00\0\0")).toBeNull();
  });
});
