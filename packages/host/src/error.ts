import { defineErrors, errorFactory } from "@sigil/core/plain";

/** Every failure this package throws. */
export const HOST_ERRORS = defineErrors({
  SIGIL_HOST_PLATFORM_UNSUPPORTED: {
    summary: "This operating system is not one that Sigil knows.",
    hint: "Sigil runs on Linux, macOS and Windows.",
  },
  SIGIL_HOST_MODE_INVALID: {
    summary: "The mode is neither user nor system.",
    hint: "Pass --mode user or --mode system, or set SIGIL_MODE to one of them.",
  },
  SIGIL_HOST_HOME_INVALID: {
    summary: "The home directory is missing or not an absolute path.",
    hint: "Set HOME (on Windows LOCALAPPDATA or USERPROFILE) to an absolute local path.",
  },
  SIGIL_HOST_SOCKET_PATH_TOO_LONG: {
    summary: "The control socket's path is longer than the operating system allows.",
    hint: "Set XDG_RUNTIME_DIR (or XDG_STATE_HOME without it) to a shorter directory.",
  },
  SIGIL_HOST_ID_INVALID: {
    summary: "The static host id is not usable.",
    hint: "Use 1 to 128 printable characters without whitespace in host_id_strategy.",
  },
  SIGIL_HOST_ID_ABSENT: {
    summary: "There is no stored host id yet and this command may not make one.",
    hint: "Start the agent once; it makes the host id.",
  },
  SIGIL_HOST_ID_UNTRUSTED: {
    summary: "The stored host id could have been written by somebody else.",
    hint: "It must be a regular file (no link) of the current user or root that no one else can write.",
  },
  SIGIL_HOST_ID_CORRUPT: {
    summary: "The stored host id is not a UUID.",
    hint: "Restore it from a backup, or remove the file: the host then gets a new id.",
  },
  SIGIL_HOST_ID_UNREADABLE: {
    summary: "The stored host id cannot be read.",
    hint: "Check the permissions of the file and of its directory.",
  },
  SIGIL_HOST_ID_UNWRITABLE: {
    summary: "The host id cannot be stored.",
    hint: "Check that the state directory is writable and has room.",
  },
});

export type HostErrorCode = keyof typeof HOST_ERRORS;

/** Builds this package's errors. */
export const hostError = errorFactory(HOST_ERRORS);
