import { describe, expect, it } from "vitest";
import {
  isNoLoginShell,
  parseId,
  parseLoginDefs,
  parseOsRelease,
  parsePasswd,
  parseProperties,
} from "../src/linux.ts";
import { fixture } from "./fake.ts";

describe("parsePasswd", () => {
  it("reads entries and numbers the lines that are none", () => {
    const { entries, malformed } = parsePasswd(fixture("passwd.txt"));
    expect(entries).toHaveLength(13);
    expect(entries[0]).toEqual({
      name: "root",
      uid: 0,
      gid: 0,
      home: "/root",
      shell: "/bin/bash",
    });
    expect(malformed).toEqual([15, 16]);
  });
});

describe("parseId", () => {
  it.each(["", "-1", "1.5", "0x10", "4294967295", "99999999999", " 1"])("refuses %j", (text) => {
    expect(parseId(text)).toBeNull();
  });

  it("takes 0 to 4294967294", () => {
    expect(parseId("0")).toBe(0);
    expect(parseId("4294967294")).toBe(4_294_967_294);
  });
});

describe("parseLoginDefs", () => {
  it("reads the file of a distribution", () => {
    expect(parseLoginDefs(fixture("login.defs.txt"))).toEqual({ min: 1000, max: 60_000 });
  });

  it("is not taken in by similar names, comments or nonsense", () => {
    const text = "SYS_UID_MIN 1\n#UID_MIN 2\nUID_MIN\tfive\nUID_MAX 70000 # big\n";
    expect(parseLoginDefs(text)).toEqual({ min: 1000, max: 70_000 });
    expect(parseLoginDefs("UID_MIN 9000\nUID_MAX 10\n")).toEqual({ min: 1000, max: 60_000 });
  });
});

describe("isNoLoginShell", () => {
  it.each(["/usr/sbin/nologin", "/sbin/nologin", "/bin/false", "/usr/bin/true", "/bin/sync"])(
    "knows %s",
    (shell) => {
      expect(isNoLoginShell(shell)).toBe(true);
    },
  );

  it.each(["", "/bin/sh", "/opt/nologin/bash"])("lets %j log in", (shell) => {
    expect(isNoLoginShell(shell)).toBe(false);
  });
});

describe("parseOsRelease", () => {
  it("unquotes and never expands", () => {
    expect(parseOsRelease(`PRETTY_NAME="A \\"b\\" \\$HOME $(id)"`)).toBe('A "b" $HOME $(id)');
    expect(parseOsRelease("PRETTY_NAME='x'")).toBe("x");
    expect(parseOsRelease("PRETTY_NAME=plain")).toBe("plain");
  });

  it("gives null without a name", () => {
    expect(parseOsRelease("")).toBeNull();
    expect(parseOsRelease("\0\0PRETTY_NAME")).toBeNull();
  });
});

describe("parseProperties", () => {
  it("splits at the first equals sign", () => {
    expect([...parseProperties("A=b=c\r\nB=\n=x\nnone\n")]).toEqual([
      ["A", "b=c"],
      ["B", ""],
    ]);
  });
});
