import { describe, expect, it } from "vitest";
import { createMeter, together } from "../src/meter.ts";

describe("createMeter", () => {
  it("counts", () => {
    const meter = createMeter();
    meter.acked({ events: 3, at: 5 });
    meter.acked({ events: 4, at: 6 });
    meter.quarantined(2);
    meter.retried();
    meter.sent(10);
    meter.sent(5);
    expect(meter.reading()).toEqual({
      eventsAcked: 7,
      batchesAcked: 2,
      quarantined: 2,
      retries: 1,
      bytesSent: 15,
      lastAckAt: 6,
      state: "idle",
      reason: null,
      detail: null,
    });
  });

  it("tells of trouble, not of every batch", () => {
    let told = 0;
    const meter = createMeter(() => (told += 1));
    meter.state("shipping");
    meter.state("idle");
    expect(told).toBe(0);
    meter.state("waiting", "overloaded", "once");
    meter.state("waiting", "overloaded", "twice");
    expect(told).toBe(1);
    meter.state("waiting", "connection-reset");
    meter.state("refused", "connection-reset");
    meter.state("shipping");
    expect(told).toBe(4);
    expect(meter.reading()).toMatchObject({ state: "shipping", reason: null, detail: null });
  });
});

describe("together", () => {
  it("adds up, and has the worse state with its reason", () => {
    const [one, other] = [createMeter(), createMeter()];
    one.acked({ events: 1, at: 9 });
    one.state("shipping");
    other.acked({ events: 2, at: 4 });
    other.state("refused", "why", "how");
    const expected = {
      eventsAcked: 3,
      lastAckAt: 9,
      state: "refused",
      reason: "why",
      detail: "how",
    };
    expect(together(one.reading(), other.reading())).toMatchObject(expected);
    expect(together(other.reading(), one.reading())).toMatchObject(expected);
    expect(together(createMeter().reading(), createMeter().reading()).lastAckAt).toBeNull();
  });
});
