import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventIdOf, hostIdOf, isForeign } from "../src/host.ts";
import { eventLine } from "./kit/rig.ts";

const bytes = (text: string) => Buffer.from(text);
const lineOf = (hostId: string, sequence = 1) => ({
  sequence,
  bytes: bytes(eventLine(sequence, hostId)),
});

describe("hostIdOf", () => {
  it("reads what JSON would, whatever the id is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 128, unit: "binary" }), (hostId) => {
        expect(hostIdOf(bytes(eventLine(1, hostId)))).toBe(hostId);
      }),
    );
  });

  it("is not misled by a path that looks like it", () => {
    const line = eventLine(1, "real").replace("/home/alice", String.raw`\"host_id\":\"fake\"`);
    expect(hostIdOf(bytes(line))).toBe("real");
  });

  it.each(["", "{}", "not json", '{"host_id":', '{"host_id":"', '{"host_id":"a', '{"host_id":"\\'])(
    "tells nothing of %j",
    (line) => {
      expect(hostIdOf(bytes(line))).toBeNull();
    },
  );

  it("never throws", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (array) => {
        const id = hostIdOf(Buffer.concat([bytes('{"host_id":"'), array]));
        expect(id === null || typeof id === "string").toBe(true);
      }),
    );
  });
});

describe("isForeign", () => {
  it("is true only when every line is another host's", () => {
    expect(isForeign([lineOf("a"), lineOf("b")], "c")).toBe(true);
    expect(isForeign([lineOf("a"), lineOf("c")], "c")).toBe(false);
    expect(isForeign([lineOf("c"), lineOf("a")], "c")).toBe(false);
  });

  it("is false for lines that cannot be read: they are the receiver's to refuse", () => {
    expect(isForeign([{ sequence: 1, bytes: bytes("garbage") }], "c")).toBe(false);
    expect(isForeign([], "c")).toBe(false);
  });
});

describe("eventIdOf", () => {
  it("is the id of an event, null of anything else", () => {
    expect(eventIdOf(bytes(eventLine(7)))).toBe("019e0cea-42f1-7ef3-9a6a-000000000007");
    expect(eventIdOf(bytes("garbage"))).toBeNull();
    expect(eventIdOf(bytes(`${" ".repeat(100)}"event_id":"x"`))).toBeNull();
  });
});
