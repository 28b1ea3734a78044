import { serviceStatus } from "@sigil/host";
import { error, info, ok, warning, type Check } from "./check.ts";

/** Whether Sigil is installed as a service, and runs as one. */
export const serviceCheck: Check = {
  id: "service",
  title: "Service",
  async run({ config, run }) {
    const uid = process.getuid?.();
    const status = await serviceStatus({
      platform: config.platform,
      mode: config.mode,
      run,
      ...(uid === undefined ? {} : { uid }),
    });
    switch (status.state) {
      case "not_installed":
        return info("not installed as a service");
      case "unknown":
        return info(`not known: ${status.why}`);
      case "running":
      case "starting":
        return ok(`${status.state} (${status.detail})`);
      case "failed":
        return error(`failed (${status.detail})`, "the service manager's log says why");
      case "stopping":
      case "stopped":
        return status.enabled === true
          ? warning(`${status.state}, but enabled (${status.detail})`, "start it")
          : info(`${status.state} (${status.detail})`);
    }
  },
};
