import { existsSync, writeFileSync } from "node:fs";

/** The library that gives a process another wall clock, where it is installed. */
export const faketime = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib64/faketime/libfaketime.so.1",
].find((path) => existsSync(path));

/** A wall clock of its own for a process, that jumps when it is told to; its monotonic clock goes on. */
export function jumpyClock(file: string) {
  const jump = (offset: string) => writeFileSync(file, `${offset}\n`);
  jump("+0");
  const env = {
    LD_PRELOAD: faketime ?? "",
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
    NO_FAKE_STAT: "1",
  };
  return { jump, env };
}
