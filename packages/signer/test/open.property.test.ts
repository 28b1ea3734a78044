import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDelivery, parseState, type PolicyEnvelope } from "../src/verify.ts";
import { bytesOf, host, policy, POLICY_KEYS, root, ROOT_KEYS, text } from "./world.ts";

const HOST = host(
  root({
    roles: {
      root: { keys: [ROOT_KEYS[0]], threshold: 1 },
      policy: { keys: POLICY_KEYS, threshold: 2 },
    },
  }),
);
const GOOD = policy({ rubric: text("weights: {}\n") }, [...POLICY_KEYS]);
const BYTES = bytesOf({ policy: GOOD });
const open = (bytes: Uint8Array) => openDelivery(bytes, HOST.context());
const ACCEPTED = open(BYTES);

/** Flips one bit of base64's bytes. */
function flip(base64: string, where: number, bit: number): string {
  const bytes = Buffer.from(base64, "base64");
  const at = where % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes.toString("base64");
}

type Place = "payload" | "first signature" | "second signature" | "policy" | "rubric" | "type";

function damaged(place: Place, where: number, bit: number): PolicyEnvelope {
  const [first = { keyid: "", sig: "" }, second = first] = GOOD.signatures;
  const part = (name: string) => ({
    ...GOOD,
    parts: { ...GOOD.parts, [name]: flip(GOOD.parts[name] ?? "", where, bit) },
  });
  switch (place) {
    case "payload":
      return { ...GOOD, payload: flip(GOOD.payload, where, bit) };
    case "first signature":
      return { ...GOOD, signatures: [{ ...first, sig: flip(first.sig, where, bit) }, second] };
    case "second signature":
      return { ...GOOD, signatures: [first, { ...second, sig: flip(second.sig, where, bit) }] };
    case "type": {
      const bytes = Buffer.from(GOOD.payloadType);
      bytes[where % bytes.length] = 0x20 + (((bytes[where % bytes.length] ?? 0) + bit) % 0x5f);
      return { ...GOOD, payloadType: bytes.toString() };
    }
    default:
      return part(place);
  }
}

const PLACES: readonly Place[] = [
  "payload",
  "first signature",
  "second signature",
  "policy",
  "rubric",
  "type",
];

describe("openDelivery, whatever is changed", () => {
  it("opens it unchanged, or the rest would prove nothing", () => {
    expect(ACCEPTED.kind).toBe("accepted");
  });

  it.each(PLACES)("refuses one flipped bit of the %s", (place) => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(7), (where, bit) => {
        const envelope = damaged(place, where, bit);
        fc.pre(JSON.stringify(envelope) !== JSON.stringify(GOOD));
        const verdict = open(bytesOf({ policy: envelope }));
        expect(verdict.kind).toBe("rejected");
        expect(verdict.state).toEqual(HOST.state);
      }),
      { numRuns: 40 },
    );
  });

  it("gives nothing but what was signed for any changed byte of the file", () => {
    fc.assert(
      fc.property(fc.nat(BYTES.length - 1), fc.integer({ min: 1, max: 255 }), (where, change) => {
        const bytes = BYTES.slice();
        bytes[where] = (bytes[where] ?? 0) ^ change;
        const verdict = open(bytes);
        // A keyid is a hint and may say anything.
        if (verdict.kind !== "rejected") expect(verdict).toEqual(ACCEPTED);
      }),
      { numRuns: 120 },
    );
  });

  it("refuses it cut off anywhere, and with anything after it", () => {
    fc.assert(
      fc.property(
        fc.nat(BYTES.length - 1),
        fc.string({ minLength: 1, maxLength: 4 }),
        (end, tail) => {
          expect(open(BYTES.subarray(0, end))).toMatchObject({ reason: "malformed" });
          fc.pre(tail.trim() !== "");
          expect(open(text(Buffer.from(BYTES).toString() + tail)).kind).toBe("rejected");
        },
      ),
      { numRuns: 60 },
    );
  });

  it("answers any bytes and any JSON without throwing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.jsonValue(), (bytes, value) => {
        expect(open(bytes).kind).toBe("rejected");
        const json = text(JSON.stringify(value));
        expect(open(json).kind).toBe("rejected");
        expect(parseState(json)).toBeNull();
      }),
    );
  });

  it("answers deliveries of any shape without throwing", () => {
    const loose = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.record({
        payloadType: fc.constantFrom(GOOD.payloadType, root().payloadType, "", "text/plain"),
        payload: fc.oneof(fc.base64String({ maxLength: 60 }), fc.constant(GOOD.payload)),
        signatures: fc.array(
          fc.record({
            keyid: fc.string({ maxLength: 8 }),
            sig: fc.base64String({ maxLength: 88 }),
          }),
          { maxLength: 3 },
        ),
        parts: fc.oneof(fc.constant(GOOD.parts), fc.dictionary(fc.string(), fc.base64String())),
      }),
    );
    fc.assert(
      fc.property(fc.array(loose, { maxLength: 3 }), loose, (roots, envelope) => {
        const content = JSON.stringify({ schema_version: 1, roots, policy: envelope });
        const verdict = open(text(content));
        const isEmpty = roots.length === 0 && envelope === null;
        expect(verdict.kind).toBe(isEmpty ? "unchanged" : "rejected");
      }),
    );
  });
});
