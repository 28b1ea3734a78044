import { describe, expect, it } from "vitest";
import type { Greeting, GreetReply, Reply, Sink, SinkRequest } from "../../src/ports.ts";
import { policySource } from "../../src/sink/policy.ts";

const live = new AbortController().signal;
const greeting = {
  kind: "greeted",
  generation: 1,
  asked: new Set(),
  hello: {},
} as unknown as Greeting;

function sinkOf(reply: Reply, greet: GreetReply = greeting): { sink: Sink; sent: SinkRequest[] } {
  const sent: SinkRequest[] = [];
  const sink: Sink = {
    server: "x:1",
    greet: async () => greet,
    async send(_greeting, request) {
      sent.push(request);
      return reply;
    },
    close: async () => undefined,
  };
  return { sink, sent };
}

const answer = (status: number, headers: Record<string, string> = {}, body = ""): Reply => ({
  kind: "answer",
  status,
  headers,
  body: Buffer.from(body),
});

describe("policySource", () => {
  it("asks with what is known, within bounds", async () => {
    const { sink, sent } = sinkOf(answer(304));
    expect(await policySource(sink, 99).policy('"a"', live)).toEqual({ kind: "unchanged" });
    expect(sent).toEqual([
      { method: "GET", path: "/v1/policy", headers: { "if-none-match": '"a"' }, maxBytes: 99 },
    ]);
  });

  it.each([
    ['"abc"', '"abc"'],
    ['W/"abc"', 'W/"abc"'],
    ["abc", null],
    ['"a"b"', null],
    [`"${"x".repeat(300)}"`, null],
  ])("keeps the ETag %s as %s", async (etag, kept) => {
    const { sink } = sinkOf(answer(200, { etag }, "bytes"));
    const found = await policySource(sink, 99).policy(null, live);
    expect(found).toEqual({ kind: "policy", etag: kept, bytes: Buffer.from("bytes") });
  });

  it.each([
    [answer(404), { kind: "none" }],
    [answer(500), { kind: "failed", detail: "the server answered 500" }],
    [answer(200), { kind: "failed", detail: "the policy is empty" }],
    [
      { kind: "fault", fault: { kind: "network", reason: "answer-timeout", detail: "late" } },
      { kind: "failed", detail: "answer-timeout: late" },
    ],
  ] as const)("makes of %j %j", async (reply, expected) => {
    const { sink } = sinkOf(reply);
    expect(await policySource(sink, 99).policy(null, live)).toEqual(expected);
  });

  it("sends nothing where it was not greeted", async () => {
    const fault: Reply = {
      kind: "fault",
      fault: { kind: "tls", cause: "server_certificate_untrusted", detail: "who" },
    };
    const { sink, sent } = sinkOf(answer(200, {}, "x"), fault);
    const found = await policySource(sink, 99).policy(null, live);
    expect(found).toEqual({ kind: "failed", detail: "server_certificate_untrusted: who" });
    expect(sent).toEqual([]);
  });
});
