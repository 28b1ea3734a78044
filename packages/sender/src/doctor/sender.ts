import { durationText } from "@sigil/cli";
import { VERSION } from "../version.ts";
import type { SenderStatus } from "../status.ts";
import { error, info, ok, warning, type Check, type Finding } from "./check.ts";

/** A sender that writes its status every few seconds and did not for so long hangs. Milliseconds. */
const STALE_MS = 60_000;

/** Whether a sender runs, and what it says is not as it should be. */
export const senderCheck: Check = {
  id: "sender",
  title: "Sender",
  async run(facts) {
    const [running, status] = await Promise.all([facts.running(), facts.status()]);
    if (running === null) return info("not known: its lock cannot be looked at by this user");
    if (!running) return info("not running", "`sigil-sender run` starts it");
    if (status === null) return warning("running, but it wrote no status", "its log says more");
    return [lifeOf(status, facts.now()), ...status.conditions.map(ofCondition)];
  },
};

function lifeOf(status: SenderStatus, now: number): Finding {
  const up = durationText((now - Date.parse(status.started_at)) / 1000);
  const text = `running, pid ${status.pid}, version ${status.version}, up ${up}, ${status.state}`;
  const silentMs = now - Date.parse(status.updated_at);
  if (silentMs > STALE_MS)
    return error(`${text}; silent for ${durationText(silentMs / 1000)}`, "it hangs; restart it");
  if (status.version !== VERSION) return warning(`${text}; installed is ${VERSION}`, "restart it");
  return ok(text);
}

function ofCondition({
  severity,
  title,
  detail,
  code,
}: SenderStatus["conditions"][number]): Finding {
  const text = `${title} ${detail} (${code})`;
  if (severity === "info") return info(text);
  return severity === "warn" ? warning(text) : error(text);
}
