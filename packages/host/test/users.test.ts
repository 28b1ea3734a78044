import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type UserListing, listUsers, nodeFiles } from "../src/index.ts";
import { fakeRun, fixture, memoryFiles } from "./fake.ts";

function reasons(listing: UserListing): Record<string, string> {
  return Object.fromEntries(listing.skipped.map(({ name, reason }) => [name, reason]));
}

function linux(
  passwd: string,
  homes: Readonly<Record<string, number>>,
  rest: { loginDefs?: string; extraHomes?: readonly string[]; maxUsers?: number } = {},
) {
  const files = memoryFiles(
    {
      "/etc/passwd": passwd,
      ...(rest.loginDefs === undefined ? {} : { "/etc/login.defs": rest.loginDefs }),
    },
    homes,
  );
  return listUsers({
    platform: "linux",
    source: { files, run: fakeRun(), env: {} },
    extraHomes: rest.extraHomes ?? [],
    limits: rest.maxUsers === undefined ? {} : { maxUsers: rest.maxUsers },
  });
}

describe("listUsers on Linux", () => {
  const homes = { "/root": 0, "/home/alice": 1000, "/home/bob": 1001, "/": 0 };

  it("gives root and people with a home, and says why not the others", async () => {
    const listing = await linux(fixture("passwd.txt"), homes, {
      loginDefs: fixture("login.defs.txt"),
    });
    expect(listing.users).toEqual([
      { name: "root", uid: 0, gid: 0, home: "/root" },
      { name: "alice", uid: 1000, gid: 1000, home: "/home/alice" },
      { name: "bob", uid: 1001, gid: 1001, home: "/home/bob" },
    ]);
    expect(reasons(listing)).toEqual({
      daemon: "system_account",
      sync: "system_account",
      "www-data": "system_account",
      nobody: "system_account",
      postgres: "system_account",
      kiosk: "no_login",
      dave: "relative_home",
      erin: "missing_home",
      frank: "root_directory",
      alias: "duplicate_home",
      "line 15": "malformed",
      "line 16": "malformed",
    });
    expect(listing.problems).toEqual([]);
  });

  it("takes the uid range from login.defs", async () => {
    const passwd = "old:x:500:500::/home/old:/bin/sh\nnew:x:1000:1000::/home/new:/bin/sh\n";
    const both = { "/home/old": 500, "/home/new": 1000 };
    const loginDefs = "UID_MIN 500\nUID_MAX 999\n";
    const names = async (given: { loginDefs?: string }) =>
      (await linux(passwd, both, given)).users.map(({ name }) => name);
    expect(await names({ loginDefs })).toEqual(["old"]);
    expect(await names({})).toEqual(["new"]);
  });

  it("passes over NUL and other control characters, replaced bytes and climbing homes", async () => {
    const passwd = [
      "nul:x:1000:1000::/home/nul\0/etc:/bin/sh",
      "esc:x:1001:1001:\u001b[2J:/home/esc:/bin/sh",
      "latin:x:1002:1002::/home/caf\u{FFFD}:/bin/sh",
      "climb:x:1003:1003::/home/climb/../..:/bin/sh",
      "dots:x:1004:1004::/home/x/../dots//:/bin/sh",
    ].join("\n");
    const listing = await linux(passwd, { "/": 0, "/home/dots": 1004, "/home/nul": 1000 });
    expect(listing.users.map(({ home }) => home)).toEqual(["/home/dots"]);
    expect(reasons(listing)).toEqual({
      "line 1": "malformed",
      "line 2": "malformed",
      latin: "undecodable_home",
      climb: "root_directory",
    });
  });

  it("keeps policy's homes when the passwd file is too large, and says so", async () => {
    const passwd = "x".repeat(10 * 1024 * 1024);
    const listing = await linux(passwd, { "/ldap/eve": 7001 }, { extraHomes: ["/ldap/eve/"] });
    expect(listing.users).toEqual([{ name: "eve", uid: 7001, gid: 7001, home: "/ldap/eve" }]);
    expect(listing.problems).toEqual(["/etc/passwd is over 4194304 bytes"]);
  });

  it("names a missing passwd file", async () => {
    const files = memoryFiles({});
    const source = { files, run: fakeRun(), env: {}, passwd: "/fixture/passwd" };
    const listing = await listUsers({ platform: "linux", source });
    expect(listing).toEqual({ users: [], skipped: [], problems: ["/fixture/passwd is absent"] });
  });

  it("stops at the ceiling, with policy's homes first and without looking further", async () => {
    const passwd = "a:x:1000:1::/home/a:/bin/sh\nb:x:1001:1::/home/b:/bin/sh\n";
    const all = { "/home/a": 1000, "/home/b": 1001, "/srv/c": 5 };
    const listing = await linux(passwd, all, { extraHomes: ["/srv/c"], maxUsers: 2 });
    expect(listing.users.map(({ name }) => name)).toEqual(["c", "a"]);
    expect(reasons(listing)).toEqual({ b: "over_limit" });
  });

  it("refuses relative, root and control-character homes of policy", async () => {
    const listing = await linux("", homes, { extraHomes: ["~/x", "/", "/home/\0"] });
    expect(listing.users).toEqual([]);
    expect(listing.skipped.map(({ reason }) => reason)).toEqual([
      "relative_home",
      "root_directory",
      "malformed",
    ]);
  });
});

// Windows has no passwd file and no owners by number.
describe.skipIf(process.platform === "win32")("listUsers with real files", () => {
  let dir = "";
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "sigil-host-"));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it("takes directories and links to them, not files", async () => {
    mkdirSync(join(dir, "a"));
    symlinkSync(join(dir, "a"), join(dir, "b"));
    writeFileSync(join(dir, "c"), "");
    const line = (name: string, uid: number) => `${name}:x:${uid}:1::${join(dir, name)}:/bin/sh`;
    writeFileSync(
      join(dir, "passwd"),
      [line("a", 1000), line("b", 1001), line("c", 1002)].join("\n"),
    );
    const source = {
      files: nodeFiles(),
      run: fakeRun(),
      env: {},
      passwd: join(dir, "passwd"),
      loginDefs: [],
    };
    const listing = await listUsers({ platform: "linux", source });
    expect(listing.users.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(reasons(listing)).toEqual({ c: "missing_home" });
  });
});

describe("listUsers on macOS", () => {
  const answers = {
    "dscl . -list /Users NFSHomeDirectory": fixture("dscl-homes.txt"),
    "dscl . -list /Users UniqueID": fixture("dscl-uids.txt"),
    "dscl . -list /Users PrimaryGroupID": fixture("dscl-gids.txt"),
    "dscl . -list /Users UserShell": fixture("dscl-shells.txt"),
  };
  const directories = {
    "/Users/alice": 501,
    "/Users/Bob Builder": 502,
    "/Users/kiosk": 504,
    "/Users/svc": 499,
    "/var/root": 0,
    "/var/empty": 0,
    "/Network/Servers/files.example.com/Users/carol": 503,
  };

  it("gives root and people, with blanks in homes kept", async () => {
    const files = memoryFiles({}, directories);
    const source = { files, run: fakeRun(answers), env: {} };
    const listing = await listUsers({ platform: "macos", source });
    expect(listing.users).toEqual([
      { name: "alice", uid: 501, gid: 20, home: "/Users/alice" },
      { name: "bob", uid: 502, gid: 20, home: "/Users/Bob Builder" },
      { name: "root", uid: 0, gid: 0, home: "/var/root" },
    ]);
    expect(reasons(listing)).toMatchObject({
      _spotlight: "system_account",
      daemon: "system_account",
      nobody: "system_account",
      svc: "system_account",
      kiosk: "no_login",
      carol: "remote_home",
    });
    expect(listing.problems).toEqual([]);
  });

  it("never looks at a home on another machine", async () => {
    const files = memoryFiles({}, directories);
    await listUsers({ platform: "macos", source: { files, run: fakeRun(answers), env: {} } });
    expect(files.looked.filter((path) => path.startsWith("/Network"))).toEqual([]);
  });

  it("goes on without uids and says what is unknown", async () => {
    const homes = { "dscl . -list /Users NFSHomeDirectory": fixture("dscl-homes.txt") };
    const files = memoryFiles({}, directories);
    const source = { files, run: fakeRun(homes), env: {} };
    const listing = await listUsers({ platform: "macos", source });
    expect(listing.users).toContainEqual({
      name: "alice",
      uid: null,
      gid: null,
      home: "/Users/alice",
    });
    expect(listing.users.map(({ name }) => name)).not.toContain("daemon");
    expect(listing.problems).toHaveLength(3);
    expect(listing.problems[0]).toBe("UniqueID of /Users is unknown: dscl is not installed");
  });
});

describe("listUsers on Windows", () => {
  const query = "reg query HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList /s";
  const directories = {
    "C:\\Users\\alice": 0,
    "C:\\Users\\Bob Builder": 0,
    "C:\\Users\\DanaLee": 0,
    "C:\\Users\\bob.old": 0,
    "C:\\Users\\DefaultAppPool": 0,
    "\\\\fileserver\\profiles\\carol": 0,
  };
  const source = (text: string) => ({
    files: memoryFiles({}, directories),
    run: fakeRun({ [query]: text }),
    env: {},
  });

  it("gives local, domain and Entra accounts", async () => {
    const from = source(fixture("profile-list.txt"));
    const listing = await listUsers({ platform: "windows", source: from });
    expect(listing.users).toEqual([
      { name: "alice", uid: null, gid: null, home: "C:\\Users\\alice" },
      { name: "Bob Builder", uid: null, gid: null, home: "C:\\Users\\Bob Builder" },
      { name: "DanaLee", uid: null, gid: null, home: "C:\\Users\\DanaLee" },
    ]);
    expect(reasons(listing)).toEqual({ carol: "remote_home" });
    expect(from.files.looked.filter((path) => path.startsWith("\\\\"))).toEqual([]);
  });

  it("treats two spellings of one home as one", async () => {
    const listing = await listUsers({
      platform: "windows",
      source: source(fixture("profile-list.txt")),
      extraHomes: ["C:/Users/alice/", "\\Users\\x", "//server/share", "C:\\"],
    });
    expect(listing.users[0]).toEqual({
      name: "alice",
      uid: null,
      gid: null,
      home: "C:\\Users\\alice",
    });
    expect(listing.users.filter(({ name }) => name === "alice")).toHaveLength(1);
    expect(listing.skipped.map(({ reason }) => reason)).toEqual([
      "relative_home",
      "remote_home",
      "root_directory",
      "duplicate_home",
      "remote_home",
    ]);
  });

  it("says when the registry did not answer", async () => {
    const from = { files: memoryFiles({}), run: fakeRun(), env: {} };
    const listing = await listUsers({ platform: "windows", source: from });
    expect(listing.problems).toEqual(["the profile list is unknown: reg is not installed"]);
  });
});
