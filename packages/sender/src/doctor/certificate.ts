import { durationText } from "@sigil/cli";
import { problemOf } from "../identity.ts";
import { parseCertificate } from "../identity/certificate.ts";
import { error, ok, warning, type Check, type Finding } from "./check.ts";

const DAY_MS = 86_400_000;
const ENROLL = "`sigil-sender enroll --force` gets a new one";

/** Certificate and key are there, belong together, are in time, and name the host that the agent's events name. */
export const certificateCheck: Check = {
  id: "certificate",
  title: "Certificate",
  async run(facts) {
    const config = await facts.config();
    const { facts: certificate } = await facts.material();
    const problem = problemOf(certificate, facts.now());
    if (problem !== null)
      return error(`${config.certificates.certificate}: ${problem.detail}`, ENROLL);
    const found: Finding[] = [];
    const hostId = await facts.hostId();
    if (hostId !== null && hostId !== certificate.hostId)
      found.push(
        error(
          `it is for ${certificate.hostId}, but the agent's events are of ${hostId}`,
          "enrol with the agent's id, or set host_id_strategy in the agent's policy",
        ),
      );
    const leftMs = certificate.notAfter - facts.now();
    const text = `${certificate.hostId}, until ${new Date(certificate.notAfter).toISOString()}, ${durationText(leftMs / 1000)} left`;
    const first = Math.max(0, ...config.settings.certificate.warn_days);
    return [...found, leftMs <= first * DAY_MS ? warning(text, ENROLL) : ok(text)];
  },
};

/** The pinned authority is there and in time. */
export const authorityCheck: Check = {
  id: "authority",
  title: "Authority",
  async run(facts) {
    const config = await facts.config();
    const { caPem } = await facts.material();
    const authority = parseCertificate(caPem);
    const name = authority?.subject?.split("\n").join(", ") ?? "a certificate";
    const until = authority?.validToDate.toISOString() ?? "";
    const text = `${name}, until ${until} (${config.certificates.ca})`;
    if (authority && authority.validToDate.getTime() <= facts.now())
      return error(`${text} is over`, "put the server's new CA certificate there");
    return ok(text);
  },
};
