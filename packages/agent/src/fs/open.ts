import { constants, openSync } from "node:fs";

/** Not blocked by a FIFO, not led elsewhere by a link that was put in place after the path was resolved. */
const READ_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Opens a file for reading, never through a link at its last component. @returns a descriptor the caller closes */
export function openNoFollow(path: string | Buffer): number {
  return openSync(path, READ_FLAGS);
}
