import { createServer, type Server, type Socket } from "node:net";
import { tempDir, type TempDir } from "@sigil/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { askAgent } from "../src/control.ts";

let dir: TempDir;
let agent: Server | null;
const sockets = new Set<Socket>();
beforeEach(() => {
  dir = tempDir();
  agent = null;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => (agent ? agent.close(resolve) : resolve(null)));
  dir.remove();
});

const path = () => dir.at("control.sock");

/** An agent that does as it is told with each connection. */
async function listen(serve: (socket: Socket) => void): Promise<void> {
  agent = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  await new Promise<void>((resolve) => agent?.listen(path(), resolve));
}

const answering = (text: string) => (socket: Socket) => {
  socket.resume();
  socket.end(text);
};

describe("askAgent", () => {
  it("gives the value of the answer, to one line of request", async () => {
    let heard = "";
    await listen((socket) => {
      socket.setEncoding("utf8").once("data", (text: string) => {
        heard = text;
        socket.end('{"ok":true,"value":{"a":1}}\n');
      });
    });
    expect(await askAgent(path(), { op: "status" }, 5000)).toEqual({ a: 1 });
    expect(heard).toBe('{"op":"status"}\n');
  });

  it("begins an envelope as the agent wants it, however large", async () => {
    let length = 0;
    let start = "";
    await listen((socket) => {
      socket.setEncoding("utf8").on("data", (text: string) => {
        start ||= text.slice(0, 17);
        length += text.length;
        if (text.endsWith("\n")) socket.end('{"ok":true,"value":null}\n');
      });
    });
    const delivery = "x".repeat(3_000_000);
    await askAgent(path(), { op: "envelope", delivery }, 10_000);
    expect(start).toBe('{"op":"envelope",');
    expect(length).toBe(delivery.length + '{"op":"envelope","delivery":""}\n'.length);
  });

  it("says that none answers where nobody listens", async () => {
    const asked = askAgent(path(), { op: "status" }, 5000);
    await expect(asked).rejects.toMatchObject({ code: "SIGIL_SENDER_AGENT_UNREACHABLE" });
  });

  it.each([
    ["hangs up", (socket: Socket) => void socket.destroy(), 5000, /hung up|ECONNRESET|EPIPE/],
    ["says nothing", () => undefined, 20, /it is silent/],
    ["never stops", (socket: Socket) => void socket.write("x".repeat(5_000_000)), 5000, /too long/],
  ])("says so when the agent %s", async (_how, serve, timeoutMs, message) => {
    await listen(serve);
    const asked = askAgent(path(), { op: "status" }, timeoutMs);
    await expect(asked).rejects.toMatchObject({
      code: "SIGIL_SENDER_AGENT_UNREACHABLE",
      message: expect.stringMatching(message),
    });
  });

  it.each(["", "{", "null", '{"ok":1}', '{"ok":false}'])(
    "refuses %j as an answer",
    async (text) => {
      await listen(answering(text));
      const asked = askAgent(path(), { op: "status" }, 5000);
      await expect(asked).rejects.toMatchObject({ code: "SIGIL_SENDER_AGENT_REFUSED" });
    },
  );

  it("passes on why the agent will not", async () => {
    const answer = {
      ok: false,
      code: "SIGIL_CONTROL_REFUSED",
      message: "unknown request",
      hint: null,
    };
    await listen(answering(`${JSON.stringify(answer)}\n`));
    await expect(askAgent(path(), { op: "status" }, 5000)).rejects.toMatchObject({
      code: "SIGIL_SENDER_AGENT_REFUSED",
      message: expect.stringContaining("unknown request [SIGIL_CONTROL_REFUSED]"),
    });
  });
});
