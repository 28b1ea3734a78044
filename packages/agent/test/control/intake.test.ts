import { describe, expect, it } from "vitest";
import { createIntake, type Taken } from "../../src/control/intake.ts";
import { ENVELOPE_START, MAX_REQUEST_BYTES } from "../../src/control/protocol.ts";

const ENVELOPE = 256 * 1024;
const intake = (free = true) => createIntake({ envelope: ENVELOPE, claim: () => free });

/** Feeds text in pieces. @returns the first answer that is not `more`, else `more` */
function feed(text: string, size: number, free = true): Taken {
  const into = intake(free);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) {
    const taken = into.take(bytes.subarray(at, at + size));
    if (taken.kind !== "more") return taken;
  }
  return { kind: "more" };
}

const envelope = (bytes: number) => `${ENVELOPE_START}"delivery":"`.padEnd(bytes - 2, "A") + '"}';

describe("createIntake", () => {
  it.each([1, 7, 1 << 20])("puts a line together from pieces of %i bytes", (size) => {
    const line = '{"op":"status"}';
    expect(feed(`${line}\nmore`, size)).toEqual({ kind: "line", line: Buffer.from(line) });
    expect(feed(line, size)).toEqual({ kind: "more" });
  });

  it("takes a long line only for a delivery", () => {
    const long = envelope(ENVELOPE);
    expect(feed(`${long}\n`, 4096)).toEqual({ kind: "line", line: Buffer.from(long) });
    expect(feed("x".repeat(MAX_REQUEST_BYTES), 4096)).toEqual({ kind: "more" });
    expect(feed("x".repeat(MAX_REQUEST_BYTES + 1), 4096)).toEqual({ kind: "refused" });
    const disguised = `{"op":"status","x":"${long}`;
    expect(feed(disguised, 4096)).toEqual({ kind: "refused" });
  });

  it("asks for room before it holds a long line, and takes a short one without", () => {
    expect(feed(envelope(MAX_REQUEST_BYTES + 1), 4096, false)).toEqual({ kind: "busy" });
    expect(feed(`${envelope(1000)}\n`, 4096, false)).toMatchObject({ kind: "line" });
  });

  it("drops a delivery that is too long, and says so at its end", () => {
    expect(feed(`${envelope(ENVELOPE + 1)}\n`, 4096)).toEqual({ kind: "too_large" });
    expect(feed(envelope(ENVELOPE * 4), 65_536)).toEqual({ kind: "more" });
    expect(feed(envelope(ENVELOPE * 4 + 1), 65_536)).toEqual({ kind: "refused" });
  });
});
