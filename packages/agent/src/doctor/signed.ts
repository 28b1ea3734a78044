import { durationText } from "@sigil/cli";
import { statusOfFiles, type SignedStatus } from "../policy/signed/status.ts";
import { error, info, ok, warning, type Check, type Finding } from "./check.ts";
import type { Facts } from "./facts.ts";

const DAY_MS = 86_400_000;

/** The signed policy in force, the trust root it hangs on, and how long both last. */
export const signedCheck: Check = {
  id: "signed-policy",
  title: "Signed policy",
  async run(facts) {
    // Also while an agent runs: with a trust root that cannot be used, the next one would not start.
    const files = await facts.signed();
    const running = await facts.running();
    const status = running?.signed ?? statusOfFiles(files, facts.now());
    const { control } = await facts.settings();
    const soonMs = control.expiry_warning_days * DAY_MS;
    return [
      ...ofPolicy(status, facts, soonMs),
      ...ofRoot(status, facts, soonMs),
      ...ofRefusal(status, facts),
    ];
  },
};

type Clock = Pick<Facts, "now">;

function ofPolicy(
  { trust, policy, unusable }: SignedStatus,
  clock: Clock,
  soonMs: number,
): Finding[] {
  if (unusable)
    return [
      error(`${unusable.reason}: ${unusable.detail}`, "have it delivered again, or a newer one"),
    ];
  if (!trust) return [info("no trust root is installed: the local policy alone counts")];
  if (!policy) return [info(`none has come yet; tenant ${trust.tenant}`)];
  const what = `version ${policy.version}`;
  const left = Date.parse(policy.expires) - clock.now();
  const hint = "have a newer one signed and served; until then this one stays in force";
  if (left <= 0) return [warning(`${what} has expired on ${policy.expires}`, hint)];
  const until = `${what}, until ${policy.expires}`;
  return [left < soonMs ? warning(`${until}: ${leftText(left)} left`, hint) : ok(until)];
}

function ofRoot({ trust }: SignedStatus, clock: Clock, soonMs: number): Finding[] {
  if (!trust) return [];
  const left = Date.parse(trust.root_expires) - clock.now();
  const what = `the trust root, version ${trust.root_version},`;
  const hint = "have the next trust root signed and served: an expired one lets no newer policy in";
  if (left <= 0) return [warning(`${what} has expired on ${trust.root_expires}`, hint)];
  return left < soonMs ? [warning(`${what} expires in ${leftText(left)}`, hint)] : [];
}

/** What was refused long ago has been seen by whoever cares. */
function ofRefusal({ refused }: SignedStatus, clock: Clock): Finding[] {
  if (!refused || clock.now() - Date.parse(refused.at) > DAY_MS) return [];
  const text = `a delivery was refused at ${refused.at}: ${refused.reason}: ${refused.detail}`;
  return [warning(text, "docs/specs/policy.md says what each reason means")];
}

function leftText(ms: number): string {
  return durationText(ms / 1000);
}
