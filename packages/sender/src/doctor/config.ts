import { ok, type Check } from "./check.ts";
import { serverOf } from "../config.ts";

/** The configuration can be read and names a server. */
export const configCheck: Check = {
  id: "config",
  title: "Configuration",
  async run(facts) {
    const config = await facts.config();
    return ok(`${config.file}, ships to ${serverOf(config).origin}`);
  },
};
