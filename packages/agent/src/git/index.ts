/**
 * Answers "does git track this file?" from the bytes of `.git/index`.
 *
 * It never runs git, executes nothing it reads, writes nothing, follows no config include, ignores
 * `GIT_*` variables, and contacts no other host: pointers that lead off the local filesystems are not
 * followed. It does not say whether a file differs from what is committed.
 */
export { DEFAULT_GIT_LIMITS, type GitLimits } from "./limits.ts";
export { createGitTracker, type GitTracker } from "./tracked.ts";
