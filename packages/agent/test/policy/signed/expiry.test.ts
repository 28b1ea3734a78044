import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { watchExpiry, type ExpiryWatch } from "../../../src/policy/signed/expiry.ts";

const START = Date.parse("2027-01-01T00:00:00Z");
let expires: string | null;
let looks: boolean[];
let watch: ExpiryWatch;
beforeEach(() => {
  vi.useFakeTimers({ now: START });
  looks = [];
  watch = watchExpiry({
    now: () => Date.now(),
    expires: () => expires,
    onLook: (expired) => looks.push(expired),
  });
});
afterEach(() => {
  watch.close();
  vi.useRealTimers();
});

describe("watchExpiry", () => {
  it("looks at the very moment", () => {
    expires = new Date(START + 1500).toISOString();
    watch.look();
    vi.advanceTimersByTime(1499);
    expect(looks).toEqual([false]);
    vi.advanceTimersByTime(1);
    expect(looks).toEqual([false, true]);
  });

  it("looks each minute, since a clock may be set", () => {
    expires = new Date(START + 30 * 86_400_000).toISOString();
    watch.look();
    vi.advanceTimersByTime(60_000);
    expect(looks).toEqual([false, false]);
    vi.setSystemTime(START + 31 * 86_400_000);
    vi.advanceTimersByTime(60_000);
    expect(looks).toEqual([false, false, true]);
  });

  it("has nothing to say without a policy, nor when it is closed", () => {
    expires = null;
    watch.look();
    watch.close();
    watch.look();
    vi.advanceTimersByTime(600_000);
    expect(looks).toEqual([false]);
  });
});
