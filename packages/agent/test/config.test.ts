import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveConfig, type GlobalFlags } from "../src/config.ts";

const HOME = "/home/u";
const base = {
  HOME,
  XDG_CONFIG_HOME: "/xdg/config",
  XDG_STATE_HOME: "/xdg/state",
  XDG_RUNTIME_DIR: "/xdg/run",
};

const FLAGS: GlobalFlags = {
  policy: "/f/p.yaml",
  stateDb: "/f/s.db",
  eventsDir: "/f/e",
  trust: "/f/t.json",
  mode: "user",
};
const ENV = {
  SIGIL_POLICY: "/e/p.yaml",
  SIGIL_STATE_DB: "/e/s.db",
  SIGIL_EVENTS_DIR: "/e/e",
  SIGIL_TRUST: "/e/t.json",
  SIGIL_MODE: "system",
};

// Windows has other paths.
describe.skipIf(process.platform === "win32")("resolveConfig", () => {
  describe("when nothing is said", () => {
    it("takes the user's places and says that they are defaults", () => {
      const { mode, paths, origins, home } = resolveConfig({}, base);
      expect({ mode, home, ...paths }).toMatchObject({
        mode: "user",
        home: HOME,
        policy: "/xdg/config/sigil/policy.yaml",
        state: "/xdg/state/sigil/state.db",
        spool: "/xdg/state/sigil/events",
        control: "/xdg/run/sigil/control.sock",
      });
      expect(new Set(Object.values(origins))).toEqual(new Set(["default"]));
    });
  });

  describe("when the environment says otherwise", () => {
    it("takes what it says, mode and all", () => {
      const { mode, paths, origins } = resolveConfig({}, { ...base, ...ENV });
      expect(mode).toBe("system");
      expect(paths).toMatchObject({
        policy: "/e/p.yaml",
        state: "/e/s.db",
        spool: "/e/e",
        trust: "/e/t.json",
      });
      expect(paths.control).not.toContain("/xdg/run");
      expect(new Set(Object.values(origins))).toEqual(new Set(["environment"]));
    });

    it("takes an empty variable for none", () => {
      const empty = { SIGIL_POLICY: "", SIGIL_STATE_DB: "", SIGIL_EVENTS_DIR: "", SIGIL_MODE: "" };
      const { origins, mode } = resolveConfig({}, { ...base, ...empty });
      expect(mode).toBe("user");
      expect(new Set(Object.values(origins))).toEqual(new Set(["default"]));
    });
  });

  describe("when flags say otherwise still", () => {
    it("takes the flags", () => {
      const { mode, paths, origins } = resolveConfig(FLAGS, { ...base, ...ENV });
      expect(mode).toBe("user");
      expect(paths).toMatchObject({
        policy: "/f/p.yaml",
        state: "/f/s.db",
        spool: "/f/e",
        trust: "/f/t.json",
      });
      expect(new Set(Object.values(origins))).toEqual(new Set(["flag"]));
    });

    it("takes each by itself", () => {
      const { origins } = resolveConfig(
        { stateDb: "/f/s.db" },
        { ...base, SIGIL_POLICY: "/e/p.yaml" },
      );
      expect(origins).toEqual({
        mode: "default",
        policy: "environment",
        stateDb: "flag",
        eventsDir: "default",
        trust: "default",
      });
    });
  });

  describe("when a path is relative", () => {
    it("means it from the working directory", () => {
      expect(resolveConfig({ policy: "p.yaml" }, base).paths.policy).toBe(resolve("p.yaml"));
    });
  });

  describe("when the mode is none there is", () => {
    it("fails", () => {
      expect(() => resolveConfig({ mode: "root" }, base)).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^SIGIL_HOST_/) as string }),
      );
      expect(() => resolveConfig({}, { ...base, SIGIL_MODE: "root" })).toThrow();
    });
  });
});
