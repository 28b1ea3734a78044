import * as fs from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toDigest } from "@sigil/core/plain";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import {
  snapshotAside,
  snapshotFile,
  snapshotLink,
  type HashOptions,
} from "../../src/pipeline/hash.ts";
import { resolvePath, type ResolvedPath } from "../../src/pipeline/resolve.ts";
import { hasher } from "../build.ts";

vi.mock("node:fs", { spy: true });

let dir: TempDir;
beforeEach(() => {
  dir = tempDir();
});
afterEach(() => {
  vi.restoreAllMocks();
  dir.remove();
});

const options: HashOptions = { hasher, maxBytes: 1 << 24, attempts: 3, linkOwners: null };

function found(path: string): Extract<ResolvedPath, { kind: "found" }> {
  const resolved = resolvePath(path, true);
  if (resolved.kind !== "found") throw new Error(`${path}: ${resolved.kind}`);
  return resolved;
}

function take(path: string, given: Partial<HashOptions> = {}) {
  const taken = snapshotFile(found(path), { ...options, ...given });
  if (taken === "moved") throw new Error("moved");
  return taken;
}

/** Runs `act` once, after the file was opened and before it is read. */
function whileReading(act: () => void): void {
  const { readSync } = fs;
  vi.mocked(fs.readSync).mockImplementationOnce(((...args: Parameters<typeof readSync>) => {
    act();
    return readSync(...args);
  }) as typeof readSync);
}

describe("snapshotFile", () => {
  describe("when the file is regular", () => {
    it.each([0, 1, 65_536, 1_048_575, 1_048_576, 1_048_577, 3_000_000])(
      "has the digest of all %i bytes",
      (length) => {
        const bytes = Buffer.alloc(length, "0123456789a");
        const path = dir.write("f", bytes);
        expect(take(path)).toMatchObject({
          type: "file",
          size: BigInt(length),
          digest: toDigest(hasher.digest(bytes)),
          incomplete: null,
        });
      },
    );

    it("has what stat says, with bigint times and the permission bits alone", () => {
      const path = dir.write("f", "x");
      fs.chmodSync(path, 0o4755);
      const stat = fs.statSync(path, { bigint: true });
      expect(take(path)).toMatchObject({
        dev: stat.dev,
        ino: stat.ino,
        mtimeNs: stat.mtimeNs,
        ctimeNs: stat.ctimeNs,
        birthtimeNs: stat.birthtimeNs,
        mode: 0o4755,
        uid: Number(stat.uid),
        gid: Number(stat.gid),
      });
    });
  });

  describe("when the file is over the bound", () => {
    it("does not open it, however large its hole", () => {
      const path = dir.write("sparse", "");
      fs.truncateSync(path, 2 ** 42);
      vi.mocked(fs.openSync).mockClear();
      expect(take(path)).toMatchObject({
        digest: null,
        incomplete: "too_large",
        size: 2n ** 42n,
      });
      expect(fs.openSync).not.toHaveBeenCalled();
    });

    it("reads one that is exactly as large", () => {
      const path = dir.write("f", "12345");
      expect(take(path, { maxBytes: 5 }).incomplete).toBeNull();
      expect(take(path, { maxBytes: 4 }).incomplete).toBe("too_large");
    });

    it("stops when it grew over the bound since it was resolved", () => {
      const path = dir.write("f", "12345");
      const before = found(path);
      fs.appendFileSync(path, "6789");
      expect(snapshotFile(before, { ...options, maxBytes: 6 })).toMatchObject({
        incomplete: "too_large",
        size: 9n,
      });
    });
  });

  describe("when the file changes while it is read", () => {
    it("has moved when it grew", () => {
      const path = dir.write("f", "12345");
      whileReading(() => fs.appendFileSync(path, "6"));
      expect(snapshotFile(found(path), options)).toBe("moved");
    });

    it("has moved when it was cut", () => {
      const path = dir.write("f", "12345");
      whileReading(() => fs.truncateSync(path, 2));
      expect(snapshotFile(found(path), options)).toBe("moved");
    });

    it("has moved when its bytes were overwritten", () => {
      const path = dir.write("f", "12345");
      // In the past, so that the kernel's coarse clock cannot make both times equal.
      fs.utimesSync(path, 1000, 1000);
      whileReading(() => fs.writeFileSync(path, "54321"));
      expect(snapshotFile(found(path), options)).toBe("moved");
    });

    it("has moved when its bytes were overwritten and its mtime set back: ctime tells", async () => {
      const path = dir.write("f", "12345");
      fs.utimesSync(path, 1000, 1000);
      const { ctimeNs } = fs.statSync(path, { bigint: true });
      // The kernel's clock is coarse: a change counts only once it has moved on.
      await eventually(
        () => fs.statSync(dir.write("later", ""), { bigint: true }).ctimeNs > ctimeNs,
      );
      whileReading(() => {
        fs.writeFileSync(path, "54321");
        fs.utimesSync(path, 1000, 1000);
      });
      expect(snapshotFile(found(path), options)).toBe("moved");
    });

    it("stops reading one that grows faster than it is read", () => {
      const path = dir.write("f", Buffer.alloc(2_000_000));
      const before = found(path);
      whileReading(() => fs.appendFileSync(path, Buffer.alloc(3_000_000)));
      expect(snapshotFile(before, { ...options, maxBytes: 2_500_000 })).toBe("moved");
    });
  });

  describe("when the file is replaced between resolving and opening", () => {
    it("has moved when it is gone", () => {
      const before = found(dir.write("f", "1"));
      fs.unlinkSync(dir.at("f"));
      expect(snapshotFile(before, options)).toBe("moved");
    });

    it("has moved when its directory became a file", () => {
      const before = found(dir.write("d/f", "1"));
      fs.rmSync(dir.at("d"), { recursive: true });
      dir.write("d", "a file");
      expect(snapshotFile(before, options)).toBe("moved");
    });

    it("is not led through a link put in its place", () => {
      const before = found(dir.write("f", "1"));
      fs.unlinkSync(dir.at("f"));
      fs.symlinkSync("/etc/passwd", dir.at("f"));
      expect(snapshotFile(before, options)).toBe("moved");
    });

    // Linux only: /proc/self/fd says where an open file is.
    it.runIf(process.platform === "linux")(
      "reads nothing of what the kernel makes up, where a directory above was swapped for a link to it",
      () => {
        const before = found(dir.write("d/ostype", "1"));
        fs.renameSync(dir.at("d"), dir.at("away"));
        fs.symlinkSync("/proc/sys/kernel", dir.at("d"));
        vi.mocked(fs.readSync).mockClear();
        expect(snapshotFile(before, options)).toMatchObject({ incomplete: "not_regular" });
        expect(fs.readSync).not.toHaveBeenCalled();
      },
    );

    it("does not wait at a FIFO put in its place", async () => {
      const before = found(dir.write("f", "1"));
      fs.unlinkSync(dir.at("f"));
      const { execFileSync } = await import("node:child_process");
      execFileSync("mkfifo", [dir.at("f")]);
      expect(snapshotFile(before, options)).toMatchObject({ incomplete: "not_regular" });
    });

    // Linux only: /proc/self/fd says where an open file is.
    it.runIf(process.platform === "linux")("has moved when it was deleted while open", () => {
      const before = found(dir.write("f", "1"));
      const { fstatSync } = fs;
      vi.mocked(fs.fstatSync).mockImplementationOnce(((...args: Parameters<typeof fstatSync>) => {
        fs.unlinkSync(dir.at("f"));
        return fstatSync(...args);
      }) as typeof fstatSync);
      expect(snapshotFile(before, options)).toBe("moved");
    });

    // Linux only: /proc/self/fd says where an open file is.
    it.runIf(process.platform === "linux")(
      "has moved when a directory above was swapped while it was open",
      () => {
        dir.write("other/f", "other");
        const before = found(dir.write("d/f", "1"));
        const { fstatSync } = fs;
        vi.mocked(fs.fstatSync).mockImplementationOnce(((...args: Parameters<typeof fstatSync>) => {
          fs.renameSync(dir.at("d"), dir.at("away"));
          fs.symlinkSync(dir.at("other"), dir.at("d"));
          return fstatSync(...args);
        }) as typeof fstatSync);
        expect(snapshotFile(before, options)).toBe("moved");
      },
    );
  });

  describe("when a directory above is a link", () => {
    it("reads the file all the same", () => {
      dir.write("real/f", "1");
      fs.symlinkSync("real", dir.at("linked"));
      expect(take(dir.at("linked/f")).digest).toBe(toDigest(hasher.digest(Buffer.from("1"))));
    });
  });

  describe("when links may lead to some owners only", () => {
    const mine = process.getuid?.() ?? 0;

    beforeEach(() => {
      dir.write("real/f", "1");
      fs.symlinkSync("real/f", dir.at("link"));
      fs.symlinkSync("real", dir.at("linked"));
    });

    it("reads what an allowed owner has", () => {
      const allowed = { linkOwners: new Set([mine]) };
      expect(take(dir.at("link"), allowed).incomplete).toBeNull();
      expect(take(dir.at("linked/f"), allowed).incomplete).toBeNull();
    });

    it("does not read what anyone else has", () => {
      expect(take(dir.at("link"), { linkOwners: new Set([mine + 1]) })).toMatchObject({
        digest: null,
        incomplete: "not_followed",
        symlinkTarget: "real/f",
      });
    });

    it("does not read it either when a directory on the way is the link", () => {
      expect(take(dir.at("linked/f"), { linkOwners: new Set([mine + 1]) })).toMatchObject({
        digest: null,
        incomplete: "not_followed",
      });
    });

    it("reads a file no link leads to, whoever has it", () => {
      expect(take(dir.at("real/f"), { linkOwners: new Set([mine + 1]) }).incomplete).toBeNull();
    });
  });

  describe("whatever happens", () => {
    it("closes the descriptor", () => {
      const path = dir.write("f", "12345");
      const next = () => {
        const descriptor = fs.openSync(path, "r");
        fs.closeSync(descriptor);
        return descriptor;
      };
      const before = next();
      take(path);
      whileReading(() => fs.truncateSync(path, 2));
      snapshotFile(found(path), options);
      whileReading(() => {
        throw Object.assign(new Error("EIO"), { code: "EIO" });
      });
      expect(take(path).incomplete).toBe("unreadable");
      expect(next()).toBe(before);
    });
  });
});

describe("snapshotAside", () => {
  const AHEAD = 512 * 1024;

  async function aside(path: string, given: Partial<HashOptions> = {}) {
    return snapshotAside(found(path), { ...options, ...given });
  }

  /** Runs `act` once, before the piece at `position` is read. */
  async function beforePiece(position: number, act: () => void): Promise<void> {
    const { read } = await vi.importActual<typeof fs>("node:fs");
    let done = false;
    vi.mocked(fs.read).mockImplementation(((...args: Parameters<typeof read>) => {
      if (!done && (args as unknown[])[4] === position) {
        done = true;
        act();
      }
      return read(...args);
    }) as typeof read);
  }

  describe("when the file is regular", () => {
    it.each([0, 1, AHEAD - 1, AHEAD, AHEAD + 1, 3 * AHEAD, 2_000_003])(
      "sees all %i bytes as reading it in one go does",
      async (length) => {
        const path = dir.write(
          "f",
          Uint8Array.from({ length }, (_, at) => at % 251),
        );
        expect(await aside(path)).toEqual(take(path));
      },
    );
  });

  describe("when the file changes while it is read", () => {
    it("has moved when it grew, was cut, or was overwritten behind the reader", async () => {
      const path = dir.at("f");
      const acts = [
        () => fs.appendFileSync(path, "more"),
        () => fs.truncateSync(path, AHEAD + 5),
        () => fs.writeFileSync(path, Buffer.alloc(3 * AHEAD, "b")),
      ];
      for (const act of acts) {
        fs.writeFileSync(path, Buffer.alloc(3 * AHEAD, "a"));
        fs.utimesSync(path, 1, 1);
        await beforePiece(AHEAD, act);
        expect(await aside(path)).toBe("moved");
      }
    });
  });

  describe("when it may not be read", () => {
    it("says why, and leaves no descriptor open", async () => {
      const path = dir.write("f", Buffer.alloc(AHEAD + 1));
      const open = () => fs.readdirSync("/dev/fd").length;
      const before = open();
      expect(await aside(path, { maxBytes: AHEAD })).toMatchObject({ incomplete: "too_large" });
      const resolved = found(path);
      fs.rmSync(path);
      expect(await snapshotAside(resolved, options)).toBe("moved");
      dir.write("f", Buffer.alloc(AHEAD + 1));
      vi.mocked(fs.read).mockImplementation(((...args: unknown[]) =>
        (args.at(-1) as (error: Error) => void)(new Error("EIO"))) as typeof fs.read);
      expect(await aside(path)).toMatchObject({ incomplete: "unreadable" });
      expect(open()).toBe(before);
    });
  });
});

describe("snapshotLink", () => {
  describe("when the link leads to no file", () => {
    it("is the link's own attributes and what it says", () => {
      fs.symlinkSync("missing", dir.at("link"));
      const resolved = resolvePath(dir.at("link"), true);
      if (resolved.kind !== "link") throw new Error(resolved.kind);
      expect(snapshotLink(resolved)).toMatchObject({
        type: "symlink",
        digest: null,
        incomplete: null,
        symlinkTarget: "missing",
        ino: fs.lstatSync(dir.at("link"), { bigint: true }).ino,
      });
    });
  });
});
