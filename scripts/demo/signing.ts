/** A signing key, a trust root and a sample policy, signed: what an operator does once, away from every host. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Places } from "./places.ts";
import { runOnce, type Environment } from "./programs.ts";

const TENANT = "demo";
const SAMPLE = join(import.meta.dirname, "../../policies/examples/policy.example.yaml");

/** @returns the delivery that the server is to publish */
export function signSample(places: Places, env: Environment): string {
  const at = (name: string) => join(places.signing, name);
  const sign = (...args: string[]) => runOnce("sigil-sign", args, env);
  const delivery = at("delivery.json");
  if (existsSync(delivery) && existsSync(places.trust)) return delivery;
  for (const role of ["root", "policy"])
    if (!existsSync(at(`${role}.key`)))
      sign("keygen", "--out", at(`${role}.key`), "--no-passphrase");
  const roles = ["--root-key", at("root.key.pub"), "--policy-key", at("policy.key.pub")];
  const root = sign("root", "init", ...roles, "--expires", "1y", "--key", at("root.key"));
  writeFileSync(at("root.json"), root);
  const trust = sign("root", "trust", at("root.json"), "--tenant", TENANT);
  writeFileSync(places.trust, trust, { mode: 0o600 });
  const dates = ["--policy-version", "1", "--expires", "90d", "--tenant", TENANT];
  writeFileSync(at("policy.json"), sign("sign", SAMPLE, ...dates, "--key", at("policy.key")));
  const parts = ["--root", at("root.json"), "--policy", at("policy.json")];
  writeFileSync(delivery, sign("bundle", ...parts));
  return delivery;
}
