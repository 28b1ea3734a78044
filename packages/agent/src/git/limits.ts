/** Bounds of the index reader. All sizes are bytes; nothing larger is read, decoded or kept. */
export type GitLimits = {
  /** Parent directories visited above the file. */
  readonly maxDepth: number;
  /** Longest path asked about, pointed to by a `.git` file, or named by one index entry. */
  readonly maxPathBytes: number;
  /** Symlinks followed while resolving one `.git` symlink, `gitdir:` or `commondir` pointer. */
  readonly maxHops: number;
  /** Largest `index` or `sharedindex.*` file. */
  readonly maxIndexBytes: number;
  /** Largest `config`, `HEAD`, `commondir` or `.git` pointer file. */
  readonly maxSmallFileBytes: number;
  /** Most entries of one index file. */
  readonly maxEntries: number;
  /** Most decoded name bytes of one index file: version 4 can expand without end. */
  readonly maxNameBytes: number;
  /** Entries decoded before the event loop gets a turn. */
  readonly sliceEntries: number;
  /** Parsed indexes kept, least recently used out first. */
  readonly cachedRepositories: number;
  /** Entries kept over all cached indexes. */
  readonly cachedEntries: number;
  /** Bytes kept over all cached indexes. */
  readonly cachedBytes: number;
};

export const DEFAULT_GIT_LIMITS: GitLimits = {
  maxDepth: 128,
  maxPathBytes: 4096,
  maxHops: 8,
  maxIndexBytes: 64 * 1024 * 1024,
  maxSmallFileBytes: 64 * 1024,
  maxEntries: 1_000_000,
  maxNameBytes: 48 * 1024 * 1024,
  sliceEntries: 16_384,
  cachedRepositories: 16,
  cachedEntries: 1_500_000,
  cachedBytes: 64 * 1024 * 1024,
};
