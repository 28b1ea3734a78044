import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toDigest } from "@sigil/core/plain";
import { tempDir, type TempDir } from "@sigil/testkit";
import { observe, type ObserveOptions } from "../../src/pipeline/observe.ts";
import { hasher } from "../build.ts";

vi.mock("node:fs", { spy: true });
const actual = await vi.importActual<typeof fs>("node:fs");

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => {
  vi.restoreAllMocks();
  dir.remove();
});

const options: ObserveOptions = {
  follow: true,
  hasher,
  maxBytes: 1 << 20,
  inlineMaxBytes: 1 << 20,
  attempts: 3,
  linkOwners: null,
};

function present(path: string, given: Partial<ObserveOptions> = {}) {
  const seen = observe(path, { ...options, ...given });
  if (seen.kind !== "present") throw new Error(seen.kind);
  return seen;
}

/** Runs `act` before the first read of each of the next `times` attempts. */
function beforeReads(times: number, act: (time: number) => void): void {
  let time = 0;
  vi.mocked(fs.readSync).mockImplementation(((...args: Parameters<typeof fs.readSync>) => {
    if ((args as readonly unknown[])[4] === 0 && time < times) {
      time += 1;
      act(time);
    }
    return actual.readSync(...args);
  }) as typeof fs.readSync);
}

describe("observe", () => {
  describe("when there is no file", () => {
    it("is absent, and so is a directory in its place", () => {
      expect(observe(dir.at("x"), options)).toEqual({ kind: "absent" });
      expect(observe(dir.path, options)).toEqual({ kind: "absent" });
    });
  });

  describe("when the file changes during the first read", () => {
    it("reads it again and has the later contents", () => {
      const path = dir.write("f", "old");
      beforeReads(1, () => fs.writeFileSync(path, "newer"));
      const { snapshot } = present(path);
      expect(snapshot.incomplete).toBeNull();
      expect(snapshot.digest).toBe(toDigest(hasher.digest(Buffer.from("newer"))));
    });
  });

  describe("when it changes during every read", () => {
    it("gives up after the attempts, as unstable", () => {
      const path = dir.write("f", "0");
      beforeReads(3, (time) => fs.writeFileSync(path, "x".repeat(time * 10)));
      expect(present(path).snapshot).toMatchObject({ incomplete: "unstable", digest: null });
    });
  });

  describe("when it is replaced during the read", () => {
    it("has the new file", () => {
      const path = dir.write("f", "old");
      dir.write("new", "replacement");
      beforeReads(1, () => fs.renameSync(dir.at("new"), path));
      const digest = toDigest(hasher.digest(Buffer.from("replacement")));
      expect(present(path).snapshot.digest).toBe(digest);
    });
  });

  describe("when it is deleted during the read", () => {
    it("is absent", () => {
      const path = dir.write("f", "old");
      beforeReads(1, () => fs.unlinkSync(path));
      expect(observe(path, options)).toEqual({ kind: "absent" });
    });
  });

  describe("when it is no regular file", () => {
    it("never waits for a FIFO, also behind a link", () => {
      execFileSync("mkfifo", [dir.at("pipe")]);
      fs.symlinkSync("pipe", dir.at("link"));
      for (const name of ["pipe", "link"]) {
        expect(present(dir.at(name)).snapshot).toMatchObject({
          type: "other",
          incomplete: "not_regular",
        });
      }
    });

    it("never reads a device", () => {
      fs.symlinkSync("/dev/zero", dir.at("zero"));
      expect(present(dir.at("zero")).snapshot.incomplete).toBe("not_regular");
    });

    it("does not connect to a socket", async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(dir.at("sock"), resolve));
      expect(present(dir.at("sock")).snapshot.incomplete).toBe("not_regular");
      await new Promise((resolve) => server.close(resolve));
    });
  });

  describe("when it is large", () => {
    it("leaves it to another, unless it is larger than anyone reads", () => {
      const path = dir.write("f", "123456");
      const limits = { inlineMaxBytes: 5, maxBytes: 10 };
      expect(observe(path, { ...options, ...limits })).toEqual({ kind: "deferred", size: 6n });
      fs.truncateSync(path, 2 ** 40);
      expect(present(path, limits).snapshot.incomplete).toBe("too_large");
    });
  });

  describe("when it is a link", () => {
    it("has the file's digest, the link's text and the hops", () => {
      const file = dir.write("real", "x");
      fs.symlinkSync("real", dir.at("link"));
      expect(present(dir.at("link"))).toMatchObject({
        snapshot: {
          type: "file",
          symlinkTarget: "real",
          digest: toDigest(hasher.digest(Buffer.from("x"))),
        },
        hops: [file],
      });
    });

    it("has the link alone when it is not to be followed", () => {
      dir.write("real", "x");
      fs.symlinkSync("real", dir.at("link"));
      expect(present(dir.at("link"), { follow: false }).snapshot).toMatchObject({
        type: "symlink",
        digest: null,
        incomplete: null,
      });
    });

    it("says of a circle that it is one", () => {
      fs.symlinkSync("b", dir.at("a"));
      fs.symlinkSync("a", dir.at("b"));
      expect(present(dir.at("a")).snapshot.incomplete).toBe("link_loop");
    });
  });

  // Only root can become a user who may not read the file.
  describe.runIf(process.getuid?.() === 0)("when another user reads", () => {
    const script = fileURLToPath(new URL("observe-as.ts", import.meta.url));

    /** Observes in a process of uid 65534: root may read everything. */
    function asNobody(path: string): unknown {
      const args = ["--conditions=@sigil/source", "--input-type=module", "-e"];
      const code = `await import(${JSON.stringify(script)})`;
      const done = spawnSync(process.execPath, [...args, code, path], {
        uid: 65_534,
        gid: 65_534,
        encoding: "utf8",
        env: { PATH: process.env["PATH"] },
      });
      if (done.status !== 0) throw new Error(done.stderr);
      return JSON.parse(done.stdout) as unknown;
    }

    it("is incomplete when the file may not be read", () => {
      const path = dir.write("open/f", "x");
      fs.chmodSync(dir.path, 0o755);
      fs.chmodSync(path, 0o600);
      expect(asNobody(path)).toMatchObject({
        kind: "present",
        incomplete: "unreadable",
        digest: null,
      });
    });

    it("is unreadable when its directory may not be entered", () => {
      const path = dir.write("closed/f", "x");
      fs.chmodSync(dir.path, 0o755);
      fs.chmodSync(dir.at("closed"), 0o700);
      expect(asNobody(path)).toEqual({ kind: "unreadable", errno: "EACCES" });
    });

    it("still sees the link when it leads where it may not look", () => {
      dir.write("closed/f", "x");
      dir.write("closed/d/f", "x");
      fs.chmodSync(dir.path, 0o755);
      fs.chmodSync(dir.at("closed"), 0o700);
      for (const [link, to] of [
        ["direct", "closed/f"],
        ["deep", "closed/d/f"],
      ] as const) {
        fs.symlinkSync(to, dir.at(link));
        expect(asNobody(dir.at(link))).toMatchObject({
          kind: "present",
          incomplete: "unreadable",
          symlinkTarget: to,
        });
      }
    });
  });
});
