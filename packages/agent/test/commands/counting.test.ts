import { tempDir } from "@sigil/testkit";
import { describe, expect, it } from "vitest";
import { countingFiles } from "../../src/commands/counting.ts";

describe("countingFiles", () => {
  it("counts what is read", async () => {
    const dir = tempDir();
    const path = dir.write("x", "12345");
    let bytes = 0;
    const handle = await countingFiles((count) => (bytes += count)).openRead(path);
    const into = Buffer.alloc(10);
    expect(await handle.read(into, 0)).toBe(5);
    expect((await handle.stat()).size).toBe(5);
    await handle.close();
    expect(bytes).toBe(5);
    dir.remove();
  });
});
