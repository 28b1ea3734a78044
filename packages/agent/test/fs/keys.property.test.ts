import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRawKey } from "@sigil/core/plain";
import { bytesOfKey, fsPath, isBelow, joinKey, keyOfBytes, parentKey } from "../../src/fs/keys.ts";

/** Any bytes a Linux file name can have. */
const name = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 0 || byte === 0x2f ? 0xe9 : byte))));
const path = fc
  .array(name, { minLength: 1, maxLength: 5 })
  .map((names) => Buffer.concat(names.flatMap((part) => [Buffer.from("/"), part])));

describe("path keys", () => {
  describe("when made of any bytes", () => {
    it("give the same bytes back", () => {
      fc.assert(
        fc.property(path, (bytes) => {
          expect(bytesOfKey(keyOfBytes(bytes))).toEqual(bytes);
          expect(Buffer.from(fsPath(keyOfBytes(bytes)))).toEqual(bytes);
        }),
      );
    });

    it("are equal only if the bytes are", () => {
      fc.assert(
        fc.property(path, path, (one, two) => {
          expect(keyOfBytes(one) === keyOfBytes(two)).toBe(one.equals(two));
        }),
      );
    });

    it("are raw exactly when the bytes are not UTF-8", () => {
      fc.assert(
        fc.property(path, (bytes) => {
          const isText = Buffer.from(bytes.toString("utf8")).equals(bytes);
          expect(isRawKey(keyOfBytes(bytes))).toBe(!isText);
        }),
      );
    });
  });

  describe("when joined", () => {
    it("are the key of the joined bytes", () => {
      fc.assert(
        fc.property(path, name, (directory, entry) => {
          const whole = Buffer.concat([directory, Buffer.from("/"), entry]);
          expect(joinKey(keyOfBytes(directory), entry)).toBe(keyOfBytes(whole));
        }),
      );
    });

    it("are below the directory, and below nothing their bytes are not", () => {
      fc.assert(
        fc.property(path, path, name, (directory, other, entry) => {
          const key = joinKey(keyOfBytes(directory), entry);
          expect(isBelow(key, keyOfBytes(directory))).toBe(true);
          expect(isBelow(keyOfBytes(directory), key)).toBe(false);
          const start = Buffer.concat([other, Buffer.from("/")]);
          const bytes = bytesOfKey(key);
          const expected = bytes.equals(other) || bytes.subarray(0, start.length).equals(start);
          expect(isBelow(key, keyOfBytes(other))).toBe(expected);
        }),
      );
    });

    it("have the directory as their parent", () => {
      fc.assert(
        fc.property(path, name, (directory, entry) => {
          const key = keyOfBytes(directory);
          expect(parentKey(joinKey(key, entry))).toBe(key);
        }),
      );
    });
  });
});
