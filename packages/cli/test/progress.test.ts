import { describe, expect, it } from "vitest";
import { startProgress } from "@sigil/cli";

function terminal(isTTY: boolean) {
  let text = "";
  return {
    isTTY,
    write: (part: string | Uint8Array) => {
      text += String(part);
      return true;
    },
    text: () => text,
  };
}

describe("startProgress", () => {
  it("draws now and then on a terminal, and wipes what it drew", () => {
    const stream = terminal(true);
    let now = 0;
    const progress = startProgress(
      (total) => `${total} lines`,
      stream,
      () => now,
    );
    progress.add(1);
    expect(stream.text()).toBe("");
    now = 150;
    progress.add(1);
    now = 200;
    progress.add(1);
    now = 300;
    progress.add(1);
    progress.end();
    expect(stream.text()).toBe("\r\u001b[K2 lines\r\u001b[K4 lines\r\u001b[K");
  });

  it("leaves no trace of quick work", () => {
    const stream = terminal(true);
    const progress = startProgress(String, stream, () => 0);
    progress.add(5);
    progress.end();
    expect(stream.text()).toBe("");
  });

  it("is silent where there is no terminal", () => {
    const stream = terminal(false);
    const progress = startProgress(String, stream, () => 1e9);
    progress.add(5);
    progress.end();
    expect(stream.text()).toBe("");
  });
});
