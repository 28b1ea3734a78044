// `npm start`: installs, builds, and runs the demonstration (scripts/demo/main.ts): how risky the guard files under $HOME
// are, then agent, sender and server on loopback, and the events as the server stored them.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build, install, nodePath, ROOT } from "./setup.mjs";

install();
build();

const demo = ["--conditions=@sigil/source", join(ROOT, "scripts/demo/main.ts")];
const child = spawn(nodePath(), [...demo, ...process.argv.slice(2)], { stdio: "inherit" });
// The terminal sends Ctrl-C to both; this one waits for the others to end cleanly.
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 130 : 1)));
