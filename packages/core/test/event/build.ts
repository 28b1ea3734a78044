import type { FileChange, SigilEvent } from "../../src/index.ts";
import { makeEvent } from "../../src/index.ts";

const HEX = "0123456789abcdef".repeat(4);

export const fileChange = (change: Partial<FileChange> = {}): FileChange => ({
  kind: "file_change",
  change_kind: "modified",
  before_hash: `blake3:${"a".repeat(64)}`,
  after_hash: `blake3:${HEX}`,
  size_after: 2148,
  evidence_quality: "definitive",
  coalesced_count: 1,
  rename_from: null,
  mode_before: "0644",
  mode_after: "0644",
  symlink_target: null,
  git_tracked: null,
  ...change,
});

export const event = (value = "/a", change: Partial<FileChange> = {}): SigilEvent =>
  makeEvent(
    { hostId: "a2e1f4c9b8d7", agentVersion: "0.1.0" },
    {
      eventId: "019e0cea-42f1-7ef3-9a6a-1721e98ee2ba",
      ts: "2026-05-10T07:14:32.512Z",
      severity: "warn",
      source: "file_system",
      subject: { kind: "path", value },
      evidence: fileChange(change),
      targetId: "t",
    },
  );
