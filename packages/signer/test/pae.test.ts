import { dsse } from "@sigstore/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { preAuthEncoding } from "../src/pae.ts";

describe("preAuthEncoding", () => {
  it("gives the example of the DSSE specification", () => {
    const encoded = preAuthEncoding("http://example.com/HelloWorld", Buffer.from("hello world"));
    expect(Buffer.from(encoded).toString()).toBe(
      "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    );
  });

  it("is what @sigstore/core makes of any type and payload", () => {
    const payloads = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), payloads, (type, payload) => {
        const theirs = dsse.preAuthEncoding(type, Buffer.from(payload));
        expect(Buffer.from(preAuthEncoding(type, payload)).equals(theirs)).toBe(true);
      }),
    );
  });

  it("counts the bytes of the type, not its characters", () => {
    const encoded = Buffer.from(preAuthEncoding("é", new Uint8Array())).toString();
    expect(encoded).toBe("DSSEv1 2 é 0 ");
  });
});
