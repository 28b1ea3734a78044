// `npm start`: installs, builds, and runs the sensor in user mode on $HOME, a readable line per event.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build, install, nodePath, ROOT } from "./setup.mjs";

install();
build();

const kept =
  /^(?:PATH|HOME|USERPROFILE|LOCALAPPDATA|APPDATA|SYSTEMROOT|TEMP|TMP|TERM|LANG|NO_COLOR|XDG_\w+|SIGIL_\w+)$/i;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name)));
const args = [
  join(ROOT, "packages/agent/bin/sigil.js"),
  "--mode",
  "user",
  "run",
  "--print",
  "text",
  ...process.argv.slice(2),
];
process.stderr.write("Watching the guard files under your home. Press Ctrl-C to stop.\n");
const child = spawn(nodePath(), args, { stdio: "inherit", env });
// The terminal sends Ctrl-C to both; this one waits for the sensor to end cleanly.
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
