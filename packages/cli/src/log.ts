import { pino, type Logger } from "pino";

export type Log = Pick<Logger, "debug" | "info" | "warn" | "error">;

/** A program's own log, JSON lines on stderr; events are not logged, they are spooled. Level from `SIGIL_LOG`, else `info`. */
export function createLog(name: string, env: Readonly<Record<string, string | undefined>>): Log {
  const level = env["SIGIL_LOG"] ?? "info";
  const known = ["trace", "debug", "info", "warn", "error", "fatal", "silent"];
  return pino(
    {
      name,
      level: known.includes(level) ? level : "info",
      base: { name, pid: process.pid },
    },
    { write: (line: string) => void process.stderr.write(line) },
  );
}
