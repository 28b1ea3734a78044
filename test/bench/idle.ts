import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanEnv, makePlace, startAgent, type Place } from "./agent.ts";
import { cpuShare, memoryOf, type Memory } from "./proc.ts";
import { atMost, type Bench, type Report, type Size } from "./report.ts";

const WINDOW_MS: Readonly<Record<Size, number>> = { quick: 2000, bounded: 10_000, full: 60_000 };
/** Both threads end 20 s after their last work, and V8 gives their pooled pages back some 10 s later. */
const SETTLE_MS: Readonly<Record<Size, number>> = { quick: 500, bounded: 45_000, full: 45_000 };

/** What the agent costs while nothing happens, with the built-in policy and a home with a few tools in it. */
export const idle: Bench = {
  id: "idle",
  async run(size) {
    const place = makePlace();
    try {
      const home = makeHome(place);
      const agent = startAgent({ home });
      try {
        await agent.log((line) => line.msg === "watching");
        await sleep(SETTLE_MS[size]);
        const cpu = await cpuShare(agent.pid, WINDOW_MS[size]);
        return report(size, cpu, memoryOf(agent.pid), await emptyNode(home));
      } finally {
        await agent.stop();
      }
    } finally {
      place.remove();
    }
  },
};

function makeHome(place: Place): string {
  const files = {
    ".claude/settings.json": "{}\n",
    ".claude/hooks/check.sh": "#!/bin/sh\nexit 0\n",
    ".codex/config.toml": 'model = "x"\n',
    ".cursor/mcp.json": '{"mcpServers":{}}\n',
    ".gemini/settings.json": "{}\n",
    ".gitconfig": "[user]\n",
    ".bashrc": "true\n",
  };
  for (const [name, text] of Object.entries(files)) place.file(`home/${name}`, text);
  return place.dir("home");
}

/** A Node process that does nothing: what the runtime itself takes. */
async function emptyNode(home: string): Promise<Memory> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 60_000)"], {
    env: cleanEnv(home),
    stdio: "ignore",
  });
  await sleep(500);
  const memory = memoryOf(child.pid as number);
  child.kill();
  return memory;
}

function report(size: Size, cpu: number, memory: Memory, empty: Memory): Report {
  return {
    id: "idle",
    title: "Idle, built-in policy",
    figures: [
      { what: "RSS", value: memory.rss, unit: "MiB", ...beside(empty.rss), aim: atMost(80) },
      {
        what: "of it anonymous (heap, stacks)",
        value: memory.anonymous,
        unit: "MiB",
        ...beside(empty.anonymous),
      },
      {
        what: "of it mapped files (code, shared with other processes)",
        value: memory.file,
        unit: "MiB",
        ...beside(empty.file),
      },
      { what: "processor", value: cpu, unit: "% of a core", aim: atMost(0.5) },
    ],
    notes: [
      `${SETTLE_MS[size] / 1000} s after the first sweep, over ${WINDOW_MS[size] / 1000} s, from \`/proc\`.`,
    ],
  };
}

function beside(value: number) {
  return { peer: { what: "an empty Node process", value } };
}
