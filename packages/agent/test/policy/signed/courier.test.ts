import { describe, expect, it } from "vitest";
import { bytesOfDelivery, withoutPolicy } from "../../../src/policy/signed/courier.ts";

describe("bytesOfDelivery", () => {
  it("takes base64 and nothing that only looks like it", () => {
    expect(bytesOfDelivery("e30=")).toEqual(Buffer.from("{}"));
    for (const text of ["e30", "e30=\n", " e30=", "e30_", "e31=", "{}", "e30=e30="])
      expect(bytesOfDelivery(text), text).toBeNull();
  });
});

describe("withoutPolicy", () => {
  it("leaves the roots as they are", () => {
    const given = { schema_version: 1, roots: [{ payload: "YQ==" }], policy: { payload: "Yg==" } };
    const left = withoutPolicy(Buffer.from(JSON.stringify(given)));
    expect(JSON.parse(left.toString())).toEqual({ ...given, policy: null });
  });
});
