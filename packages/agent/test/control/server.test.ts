import * as fs from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SigilError } from "@sigil/core";
import { eventually, tempDir, type TempDir } from "@sigil/testkit";
import { ask, askIfRunning } from "../../src/control/client.ts";
import { listen, type ControlHandler } from "../../src/control/server.ts";

let dir: TempDir;
const closing: (() => Promise<unknown>)[] = [];
const before = process.umask();
beforeEach(() => {
  dir = tempDir();
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
  process.umask(before);
  dir.remove();
});

const path = () => dir.at("run/control.sock");

async function start(
  handler: ControlHandler = async ({ op }) => ({ op }),
  mode: "user" | "system" = "user",
) {
  const server = await listen(path(), { platform: "linux", mode }, handler);
  closing.push(() => server.close());
  return server;
}

/** Sends bytes as they are. @returns what came back until the other side ended */
function raw(bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path());
    let received = "";
    socket.setEncoding("utf8");
    socket.on("connect", () => socket.write(bytes));
    socket.on("data", (chunk: string) => (received += chunk));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE" ? resolve(received) : reject(error),
    );
    socket.on("close", () => resolve(received));
  });
}

async function connected(): Promise<Socket> {
  const socket = connect(path());
  socket.on("error", () => undefined);
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

const ended = (socket: Socket) =>
  new Promise<void>((resolve) => socket.resume().once("close", () => resolve()));

const REFUSED =
  '{"ok":false,"code":"SIGIL_CONTROL_REFUSED","message":"unknown request","hint":null}\n';

describe("the control socket", () => {
  describe("when it is made", () => {
    it("is this user's alone in user mode", async () => {
      process.umask(0);
      await start();
      expect(fs.statSync(path()).mode & 0o777).toBe(0o600);
      expect(fs.statSync(dir.at("run")).mode & 0o777).toBe(0o700);
      expect(process.umask()).toBe(0);
    });

    it("is open to the group, and to no one else, in system mode", async () => {
      process.umask(0);
      await start(undefined, "system");
      expect(fs.statSync(path()).mode & 0o777).toBe(0o660);
      expect(fs.statSync(dir.at("run")).mode & 0o777).toBe(0o750);
    });

    it("takes the place of a dead process's socket", async () => {
      const first = await listen(path(), { platform: "linux", mode: "user" }, async () => null);
      fs.linkSync(path(), dir.at("kept"));
      await first.close();
      fs.renameSync(dir.at("kept"), path());
      await start();
      expect(await ask(path(), { op: "status" })).toEqual({ op: "status" });
    });

    it("does not take the place of one that is answered", async () => {
      await start(async () => "first");
      await expect(start()).rejects.toMatchObject({ code: "SIGIL_CONTROL_SOCKET" });
      expect(await ask(path(), { op: "status" })).toBe("first");
    });

    it("does not take the place of anything else", async () => {
      dir.write("run/control.sock", "precious");
      await expect(start()).rejects.toMatchObject({ code: "SIGIL_CONTROL_SOCKET" });
      expect(fs.readFileSync(path(), "utf8")).toBe("precious");
    });

    it("refuses a path that is too long for a socket", async () => {
      const long = `${dir.path}/${"x".repeat(120)}/s`;
      await expect(
        listen(long, { platform: "linux", mode: "user" }, async () => null),
      ).rejects.toMatchObject({ code: "SIGIL_HOST_SOCKET_PATH_TOO_LONG" });
    });
  });

  describe("when it is asked", () => {
    it("answers what the handler says", async () => {
      await start();
      expect(await ask(path(), { op: "reload" })).toEqual({ op: "reload" });
    });

    it("answers two at once, each its own", async () => {
      const gate = Promise.withResolvers<void>();
      await start(async ({ op }) => {
        if (op === "reload") await gate.promise;
        return op;
      });
      const slow = ask(path(), { op: "reload" });
      expect(await ask(path(), { op: "status" })).toBe("status");
      gate.resolve();
      expect(await slow).toBe("reload");
    });

    it("takes a request that comes in pieces", async () => {
      await start();
      const socket = await connected();
      socket.write('{"op":"sta');
      await new Promise((resolve) => setImmediate(resolve));
      socket.write('tus"}\n');
      const reply = await new Promise((resolve) =>
        socket.once("data", (chunk) => resolve(String(chunk))),
      );
      expect(reply).toBe('{"ok":true,"value":{"op":"status"}}\n');
    });

    it("answers one request of a connection, and ends it", async () => {
      let asked = 0;
      await start(async () => (asked += 1));
      expect(await raw('{"op":"status"}\n{"op":"status"}\n')).toBe('{"ok":true,"value":1}\n');
      expect(asked).toBe(1);
    });
  });

  describe("when the handler fails", () => {
    it("hands on the code, message and hint", async () => {
      await start(async () => {
        throw new SigilError("SIGIL_POLICY_SYNTAX", "p.yaml:1:1: bad", { hint: "mend it" });
      });
      await expect(ask(path(), { op: "reload" })).rejects.toMatchObject({
        code: "SIGIL_POLICY_SYNTAX",
        message: "p.yaml:1:1: bad",
        hint: "mend it",
      });
    });

    it("gives a code of its own to anything else", async () => {
      await start(async () => {
        throw new TypeError("undefined is not a function");
      });
      await expect(ask(path(), { op: "reload" })).rejects.toMatchObject({
        code: "SIGIL_AGENT_FAILED",
      });
    });
  });

  describe("when what comes is no request", () => {
    it.each([
      ["words", "hello\n"],
      ["an unknown operation", '{"op":"shutdown"}\n'],
      ["HTTP", "GET / HTTP/1.1\r\n\r\n"],
      ["bytes that are no text", Buffer.from([0xff, 0xfe, 0x00, 0x0a])],
    ])("refuses it, and lives on: %s", async (_title, bytes) => {
      await start();
      expect(await raw(bytes)).toBe(REFUSED);
      expect(await ask(path(), { op: "status" })).toEqual({ op: "status" });
    });

    it("cuts off a line that is too long, and lives on", async () => {
      await start();
      expect(await raw("x".repeat(1024 * 1024))).toBe("");
      expect(await ask(path(), { op: "status" })).toEqual({ op: "status" });
    });

    it("cuts off who says nothing, and answers others meanwhile", { timeout: 20_000 }, async () => {
      await start();
      const silent = await connected();
      expect(await ask(path(), { op: "status" })).toEqual({ op: "status" });
      await ended(silent);
    });

    it("lives on when the other side has gone before the answer", async () => {
      const gate = Promise.withResolvers<void>();
      let asked = 0;
      await start(async () => {
        asked += 1;
        if (asked === 1) await gate.promise;
        return asked;
      });
      const socket = await connected();
      socket.write('{"op":"status"}\n');
      await eventually(() => asked === 1);
      socket.destroy();
      gate.resolve();
      expect(await ask(path(), { op: "status" })).toBe(2);
    });
  });

  describe("when it is handed a delivery", () => {
    const LIMIT = 256 * 1024;
    const handed = (bytes: number) =>
      JSON.stringify({ op: "envelope", delivery: Buffer.alloc(bytes, 7).toString("base64") });
    const small = { envelopeMaxBytes: () => LIMIT };
    const sizeOf: ControlHandler = async (request) =>
      request.op === "envelope" ? (request.delivery?.length ?? "too large") : request.op;

    async function startSmall(handler: ControlHandler = sizeOf): Promise<void> {
      const server = await listen(path(), { platform: "linux", mode: "user" }, handler, small);
      closing.push(() => server.close());
    }

    it("takes far more than any other request may be", async () => {
      await startSmall();
      const delivery = Buffer.alloc(LIMIT, 7).toString("base64");
      expect(await ask(path(), { op: "envelope", delivery })).toBe(delivery.length);
    });

    it("says that it is too large, and lives on", async () => {
      await startSmall();
      expect(await raw(`${handed(LIMIT + 2048)}\n`)).toBe('{"ok":true,"value":"too large"}\n');
      expect(await ask(path(), { op: "status" })).toBe("status");
    });

    it("cuts off one without an end", async () => {
      await startSmall();
      expect(await raw(handed(LIMIT * 8))).toBe("");
    });

    it("takes one at a time, and the next when that one is answered", async () => {
      const gate = Promise.withResolvers<void>();
      let asked = 0;
      await startSmall(async (request) => {
        asked += 1;
        await gate.promise;
        return request.op;
      });
      const delivery = Buffer.alloc(LIMIT / 2).toString("base64");
      const first = ask(path(), { op: "envelope", delivery });
      await eventually(() => asked === 1);
      for (const other of [delivery, "e30="])
        await expect(ask(path(), { op: "envelope", delivery: other })).rejects.toMatchObject({
          code: "SIGIL_CONTROL_BUSY",
          hint: expect.stringContaining("again") as string,
        });
      gate.resolve();
      expect(await first).toBe("envelope");
      expect(await ask(path(), { op: "envelope", delivery })).toBe("envelope");
    });

    it("is free again when a courier goes away in the middle", async () => {
      await startSmall();
      const gone = await connected();
      gone.write(handed(LIMIT).slice(0, LIMIT));
      await eventually(async () => {
        const reply = await raw(`${handed(LIMIT / 2)}\n`);
        return reply.includes("SIGIL_CONTROL_BUSY");
      });
      gone.destroy();
      await eventually(async () => {
        const reply = await raw(`${handed(LIMIT / 2)}\n`);
        return reply.startsWith('{"ok":true');
      });
    });
  });

  describe("when it is closed", () => {
    it("waits for no one who keeps a connection open", async () => {
      const server = await start();
      const chatty = await connected();
      const talk = setInterval(() => chatty.write("x"), 100);
      try {
        await Promise.all([server.close(), ended(chatty)]);
      } finally {
        clearInterval(talk);
      }
    });

    it("lets an answer under way be given", async () => {
      const gate = Promise.withResolvers<void>();
      let asked = false;
      const server = await start(async () => {
        asked = true;
        await gate.promise;
        return "done";
      });
      const answer = ask(path(), { op: "reload" });
      await eventually(() => asked);
      const closed = server.close();
      gate.resolve();
      expect(await answer).toBe("done");
      await closed;
    });

    it("is asked in vain", async () => {
      const server = await start();
      await server.close();
      await expect(ask(path(), { op: "status" })).rejects.toMatchObject({
        code: "SIGIL_CONTROL_UNREACHABLE",
      });
      expect(await askIfRunning(path(), { op: "status" })).toBeNull();
    });
  });
});

describe("ask", () => {
  /** Another program behind the socket. */
  async function impostor(answer: (socket: Socket) => void): Promise<void> {
    dir.mkdir("run");
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => answer(socket));
    });
    await new Promise<void>((resolve) => server.listen(path(), resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
  }

  describe("when what answers is not the agent", () => {
    it.each(["", "hello", "null", "7", '{"ok":"yes"}', "[]"])(
      "does not take it for an answer: %j",
      async (text) => {
        await impostor((socket) => socket.end(text));
        await expect(ask(path(), { op: "status" })).rejects.toMatchObject({
          code: "SIGIL_CONTROL_REFUSED",
        });
      },
    );

    it("reads no more than an answer can have", async () => {
      await impostor((socket) => {
        const chunk = Buffer.alloc(1024 * 1024, "x");
        const pour = () => {
          while (!socket.destroyed && socket.write(chunk));
        };
        socket.on("drain", pour);
        pour();
      });
      await expect(ask(path(), { op: "status" })).rejects.toMatchObject({
        code: "SIGIL_CONTROL_UNREACHABLE",
      });
    });
  });
});
