/** What is known of a path or an open file. Times in milliseconds since the epoch. */
export type FileFacts = {
  readonly kind: "file" | "directory" | "link" | "other";
  readonly size: number;
  readonly uid: number;
  readonly mtime_ms: number;
  /** Which file it is: another one at the same path has another id, while this one is open. */
  readonly id: string;
};

/** One open file. Every method throws an error with a `code` such as `ENOSPC`. */
export interface SpoolHandle {
  stat(): Promise<FileFacts>;
  /** Reads until the buffer is full or the file ends; returns the bytes read. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** Writes every byte or throws; after a throw any part may have been written. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  truncate(length: number): Promise<void>;
  /** On return the contents and the length survive a power cut. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/** The only way this package touches a disk. No operation follows a link in the last component. */
export interface SpoolFiles {
  /** The user this process runs as; null where users have no number. */
  readonly uid: number | null;
  /** Read only; never blocks on a pipe. */
  openRead(path: string): Promise<SpoolHandle>;
  /** An existing file, to read and write. */
  openWrite(path: string): Promise<SpoolHandle>;
  /** A new file to read and write, mode 0640 whatever the umask; throws `EEXIST`. */
  create(path: string): Promise<SpoolHandle>;
  /** Null when there is nothing at the path. */
  lstat(path: string): Promise<FileFacts | null>;
  readdir(path: string): Promise<readonly string[]>;
  /** With its parents, mode 0750 whatever the umask; on return they survive a power cut. */
  mkdir(path: string): Promise<void>;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** On return every create, rename and unlink inside the directory survives a power cut. */
  syncDir(path: string): Promise<void>;
}
