/** Why "is it tracked?" has no answer. Own words of this reader, stable for logs and tests. */
export type UnknownReason =
  /** Not absolute, too long, or with a NUL or `..` in it. */
  | "bad_path"
  | "not_in_repository"
  /** A bare repository, or a path inside a git directory. */
  | "bare_repository"
  /** `core.worktree` points elsewhere. */
  | "outside_work_tree"
  | "too_deep"
  /** The system refused: permission, I/O, a symlink where none is followed. */
  | "unreadable"
  | "not_regular"
  | "too_large"
  | "changed_while_read"
  /** A `.git` symlink, `gitdir:` or `commondir` that leads nowhere or over too many hops. */
  | "bad_pointer"
  /** The same, leading to a filesystem that is not local. */
  | "remote_pointer"
  | "bad_config"
  /** An object format, repository version, index version or required extension not known here. */
  | "unsupported_format"
  | "corrupt_index"
  | "missing_shared_index"
  /** Below a collapsed directory of a sparse index: its names are not in the index. */
  | "sparse_directory";

/** The outcome of a step that could not be answered; every other outcome is the step's value. */
export type Unanswered = { readonly reason: UnknownReason };

export function unanswered(reason: UnknownReason): Unanswered {
  return { reason };
}

export function isUnanswered(value: unknown): value is Unanswered {
  return typeof value === "object" && value !== null && "reason" in value;
}
