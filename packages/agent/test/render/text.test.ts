import { alignColumns, bytesText, countText, durationText } from "@sigil/cli";
import { renderChecks } from "@sigil/cli/doctor";
import { describe, expect, it } from "vitest";
import { pathText } from "../../src/render/home.ts";

describe("alignColumns", () => {
  it("makes each column as wide as its widest cell, without trailing blanks", () => {
    expect(
      alignColumns([
        ["a", "bb", "c"],
        ["aaa", "b", ""],
      ]),
    ).toEqual(["a    bb  c", "aaa  b"]);
  });

  it("lets one long last cell widen nothing", () => {
    expect(alignColumns([["a", "x".repeat(50)], ["b"]], "  ")).toEqual([
      `  a  ${"x".repeat(50)}`,
      "  b",
    ]);
  });

  it("is nothing for nothing", () => {
    expect(alignColumns([])).toEqual([]);
  });
});

describe("bytesText", () => {
  it.each([
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [200 * 1024, "200 KiB"],
    [5 * 1024 ** 3, "5.0 GiB"],
  ])("%d is %s", (bytes, text) => expect(bytesText(bytes)).toBe(text));
});

describe("durationText", () => {
  it.each([
    [-5, "0 s"],
    [0.9, "0 s"],
    [59, "59 s"],
    [60, "1 min"],
    [3660, "1 h 1 min"],
    [3601, "1 h"],
    [90_061, "1 d 1 h"],
  ])("%d is %s", (seconds, text) => expect(durationText(seconds)).toBe(text));
});

describe("countText", () => {
  it("knows one from many", () => {
    expect([countText(1, "file"), countText(0, "file")]).toEqual(["1 file", "0 files"]);
    expect(countText(2, "directory", "directories")).toBe("2 directories");
  });
});

describe("pathText", () => {
  it("shortens the home and nothing that only begins like it", () => {
    expect(pathText("/home/ana/x", "/home/ana")).toBe("~/x");
    expect(pathText("/home/ana", "/home/ana")).toBe("~");
    expect(pathText("/home/anabel", "/home/ana")).toBe("/home/anabel");
  });
});

describe("renderChecks", () => {
  const results = [
    { id: "a", status: "ok", title: "Short", detail: "fine" },
    { id: "b", status: "error", title: "Longer", detail: "bad\u001b[2J", hint: "mend it" },
  ] as const;

  it("aligns, hints below and sums up", () => {
    expect(renderChecks(results, false)).toEqual([
      "ok       Short   fine",
      "error    Longer  bad\\u001b[2J",
      "                 hint: mend it",
      "",
      "1 ok, 0 for information, 0 warnings, 1 error",
    ]);
  });

  it("colors the status alone", () => {
    expect(renderChecks(results, true)[0]).toBe("\u001b[32mok     \u001b[0m  Short   fine");
  });
});
