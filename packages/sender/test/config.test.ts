import { parseConfig } from "@sigil/cli/config";
import { resolvePaths } from "@sigil/host";
import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configOf, loadSenderConfig, serverOf } from "../src/config.ts";
import { senderSettingsSchema } from "../src/settings.ts";

const paths = resolvePaths({ platform: "linux", mode: "system", env: {} });
const parse = (text: string) => parseConfig(text, senderSettingsSchema, "sender.yaml");
let dir: TempDir;
beforeEach(() => void (dir = tempDir()));
afterEach(() => dir.remove());

describe("the sender's settings", () => {
  it("have a default for everything", () => {
    const settings = senderSettingsSchema.parse({});
    expect(settings).toMatchObject({
      server: { proxy: "none" },
      batch: { max_age_ms: 200, compression: "zstd" },
      retry: { first_ms: 500, max_ms: 60_000, retry_after_max_s: 3600 },
      certificate: { warn_days: [30, 7, 1] },
      tls: { min_version: "TLSv1.3" },
    });
  });

  it("describe each of their fields", () => {
    const undescribed: string[] = [];
    const walk = (schema: { shape?: Record<string, unknown> }, at: string) => {
      for (const [key, field] of Object.entries(schema.shape ?? {})) {
        const one = field as { meta(): { description?: string } | undefined; unwrap?(): unknown };
        const inner = one.unwrap?.() as { shape?: Record<string, unknown> } | undefined;
        if (inner?.shape) walk(inner, `${at}${key}.`);
        else if (one.meta()?.description === undefined) undescribed.push(at + key);
      }
    };
    walk(senderSettingsSchema as never, "");
    expect(undescribed).toEqual([]);
  });

  it.each([
    "http://sigil.example",
    "https://",
    "https://user:pw@sigil.example",
    "https://sigil.example/?a=1",
    "https://sigil.example/#x",
    "sigil.example",
  ])("refuse %j as a server", (url) => {
    expect(() => parse(`server: {url: ${JSON.stringify(url)}}`)).toThrow(/server\.url/);
  });

  it.each(["ftp://proxy", "proxy:3128", "yes"])("refuse %j as a proxy", (proxy) => {
    expect(() => parse(`server: {proxy: ${JSON.stringify(proxy)}}`)).toThrow(/server\.proxy/);
  });

  it("name a key that does not exist, and its line", () => {
    expect(() => parse("batch:\n  max_event: 1\n")).toThrow(/sender\.yaml:2:3: unknown key/);
  });

  it("keep to their ranges", () => {
    expect(() => parse("batch: {max_events: 0}")).toThrow(/batch\.max_events/);
    expect(() => parse("timeout: {ack_max_bytes: 1}")).toThrow(/timeout\.ack_max_bytes/);
  });
});

describe("loadSenderConfig", () => {
  it("takes the paths of the mode where the file has none", () => {
    const config = loadSenderConfig({ file: dir.at("sender.yaml"), required: false, paths });
    expect(config).toMatchObject({
      server: null,
      spoolDir: "/var/spool/sigil/events",
      stateDir: "/var/lib/sigil-sender",
      quarantineDir: "/var/lib/sigil-sender/quarantine",
      controlPath: "/run/sigil/control.sock",
      certificates: {
        ca: "/etc/sigil/tls/ca.pem",
        certificate: "/etc/sigil/tls/host.pem",
        key: "/etc/sigil/tls/host.key",
      },
    });
  });

  it("puts the file above the mode, and overrides above the file", () => {
    const file = dir.write(
      "sender.yaml",
      "server: {url: 'https://file.example', key_file: /keys/host.key}\nspool_dir: /file/spool\nstate_dir: /file/state\n",
    );
    const given = loadSenderConfig({ file, required: true, paths });
    expect(given.certificates.key).toBe("/keys/host.key");
    expect(given.spoolDir).toBe("/file/spool");
    const overrides = { eventsDir: "/flag/spool", stateDir: "/flag/state", server: "https://flag" };
    const config = loadSenderConfig({ file, required: true, paths, overrides });
    expect(config).toMatchObject({ spoolDir: "/flag/spool", stateDir: "/flag/state" });
    expect(config.notesDir).toBe("/flag/state/notes");
    expect(config.server?.hostname).toBe("flag");
  });

  it("checks a server that is given elsewhere, too", () => {
    const request = { file: dir.at("none.yaml"), required: false, paths };
    const given = (server: string) => loadSenderConfig({ ...request, overrides: { server } });
    expect(() => given("http://flag")).toThrow(/https/);
    expect(() => given("flag")).toThrow(/https/);
  });

  it("fails when a file that was named is not there", () => {
    const request = { file: dir.at("none.yaml"), required: true, paths };
    expect(() => loadSenderConfig(request)).toThrow(/there is no file/);
  });
});

describe("serverOf", () => {
  it("says where to name one", () => {
    const config = configOf(senderSettingsSchema.parse({}), {
      file: "/etc/sigil/sender.yaml",
      required: false,
      paths,
    });
    expect(() => serverOf(config)).toThrow("/etc/sigil/sender.yaml names no server");
  });
});
