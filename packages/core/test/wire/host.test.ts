import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostIn, hostOf, hostUri, isHostId } from "../../src/wire/host.ts";

describe("the name of a host in its certificate", () => {
  it("comes back as it went in", () => {
    const hostIds = fc.string({ unit: "grapheme", maxLength: 140 });
    fc.assert(
      fc.property(hostIds, (text) => {
        fc.pre(isHostId(text));
        expect(hostOf(hostUri(text))).toBe(text);
      }),
    );
  });

  it("is read from a certificate whatever characters it has, an apostrophe too", () => {
    expect(hostIn(`DNS:a, URI:${hostUri("it's(a)*host*!~_.-")}`)).toBe("it's(a)*host*!~_.-");
    expect(hostUri("it's")).toBe("sigil:host:it%27s");
  });

  it("has one spelling", () => {
    expect(hostOf("sigil:host:abc")).toBe("abc");
    expect(hostOf("sigil:host:%61bc")).toBeNull();
    expect(hostOf("sigil:host:b%c3%bcro")).toBeNull();
    expect(hostOf("SIGIL:host:abc")).toBeNull();
  });

  it("is no other text, and reading it never throws", () => {
    for (const uri of [
      "",
      "sigil:host:",
      "sigil:host:a b",
      "sigil:host:%",
      "sigil:host:%ff",
      "urn:x",
    ])
      expect(hostOf(uri)).toBeNull();
    expect(hostOf(`sigil:host:${"a".repeat(129)}`)).toBeNull();
    fc.assert(fc.property(fc.string(), (text) => void hostOf(`sigil:host:${text}`)));
  });
});
