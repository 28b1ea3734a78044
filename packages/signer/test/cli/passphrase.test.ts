import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { askHidden, newPassphraseFor, type Terminal } from "../../src/cli/passphrase.ts";

class Interrupted extends Error {}

/** A terminal on which somebody types as soon as they are asked. */
function terminal(...answers: readonly (string | readonly Buffer[])[]) {
  const keyboard = new EventEmitter();
  const raw: boolean[] = [];
  let shown = "";
  let next = 0;
  const type = () => {
    const answer = answers[next] ?? "\u0003";
    next += 1;
    const chunks = typeof answer === "string" ? [Buffer.from(answer)] : answer;
    for (const chunk of chunks) keyboard.emit("data", chunk);
  };
  const fake = {
    input: Object.assign(keyboard, {
      isTTY: true,
      setRawMode: (on: boolean) => raw.push(on),
      resume: () => queueMicrotask(type),
      pause: () => undefined,
    }),
    output: {
      write: (text: string) => {
        shown += text;
        return true;
      },
    },
    interrupt: () => {
      throw new Interrupted();
    },
  };
  return { fake: fake as unknown as Terminal, raw, shown: () => shown, keyboard };
}

describe("askHidden", () => {
  it("gives what was typed, shows none of it and leaves the terminal as it was", async () => {
    const { fake, raw, shown, keyboard } = terminal("secret words\r");
    expect(await askHidden("say: ", fake)).toBe("secret words");
    expect(shown()).toBe("say: \n");
    expect(raw).toEqual([true, false]);
    expect(keyboard.listenerCount("data")).toBe(0);
  });

  it("knows how to erase", async () => {
    expect(await askHidden("", terminal("abx\u007fc\r").fake)).toBe("abc");
    expect(await askHidden("", terminal("wrong\u0015right\n").fake)).toBe("right");
    expect(await askHidden("", terminal("\u007f\u007fa\u0004").fake)).toBe("a");
  });

  it("puts characters together that come in pieces", async () => {
    const bytes = Buffer.from("pä\r");
    const pieces = [...bytes].map((byte) => Buffer.from([byte]));
    expect(await askHidden("", terminal(pieces).fake)).toBe("pä");
  });

  it("ends the program at Ctrl-C, the terminal put right before", () => {
    const { fake, raw, keyboard } = terminal();
    void askHidden("", { ...fake, input: Object.assign(fake.input, { resume: () => undefined }) });
    expect(() => keyboard.emit("data", Buffer.from("abc\u0003"))).toThrow(Interrupted);
    expect(raw).toEqual([true, false]);
  });
});

describe("newPassphraseFor", () => {
  it("asks twice and takes what is the same", async () => {
    const { fake, shown } = terminal("correct horse\r", "correct horse\r");
    expect(await newPassphraseFor("a.key", undefined, fake)).toBe("correct horse");
    expect(shown()).toBe("passphrase of a.key: \nonce more: \n");
  });

  it("refuses two that differ", async () => {
    const { fake } = terminal("correct horse\r", "correct house\r");
    await expect(newPassphraseFor("a.key", undefined, fake)).rejects.toThrow(
      expect.objectContaining({ code: "SIGIL_SIGNER_PASSPHRASE_WRONG" }),
    );
  });
});
