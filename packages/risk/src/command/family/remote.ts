import { UNKNOWN } from "../../model/behavior.ts";
import type { Taint, Value } from "../../model/behavior.ts";
import { report } from "../act.ts";
import type { Act, Family } from "../act.ts";
import { isGuard, noteWrite, pathOf, readFile, writeFile } from "../files.ts";
import { hostClass, hostOf } from "../knowledge/hosts.ts";
import { baseOf } from "../knowledge/path.ts";
import { parseOptions } from "../options.ts";
import type { Options } from "../options.ts";
import { runCode } from "../running.ts";
import { transfer } from "../transfer.ts";
import { EMPTY, joined, known, unknown } from "../value.ts";
import { attach } from "../request.ts";

export function hostNamed(act: Act, text: string): string | null {
  return text === "" || text === UNKNOWN ? null : hostOf(text, act.readers.world);
}

/** Bytes go there and come back. */
export function talk(
  act: Act,
  host: string | null,
  sink: string,
  body: readonly (Value | null)[],
  files: readonly string[] = [],
): void {
  transfer(act, { host, sink, body, files });
  act.draft.output = unknown([{ kind: "download", host }]);
}

/** `nc host port < data`, `nc -e /bin/sh host port`. */
function netcat(act: Act): void {
  const options = parseOptions(act.args, {
    short: "eciIgGmMOpqsTVwXxW",
    long: [
      "exec",
      "sh-exec",
      "lua-exec",
      "proxy",
      "proxy-type",
      "wait",
      "source",
      "source-port",
      "idle-timeout",
      "ssl-cert",
      "ssl-key",
    ],
  });
  const listens = options.has("l", "listen");
  const scans = options.has("z");
  const host = listens ? null : hostNamed(act, options.operands[0]?.text ?? "");
  const run = options.has("e", "exec", "c", "sh-exec", "lua-exec");
  if (run && !scans) report(act, "fetch_and_execute_in_hook", { url_host: host });
  if (options.has("U") || scans) {
    act.draft.output = unknown();
    return;
  }
  if (listens && !act.stdin) act.draft.output = unknown([{ kind: "download", host: null }]);
  else talk(act, host, act.name, [act.stdin]);
}

/** `socat - TCP:host:port`, `socat FILE:x TCP:…`, `socat EXEC:sh TCP:…`. */
function socat(act: Act): void {
  const addresses = act.args.filter(({ text }) => /^-$|^[A-Za-z][\w-]*[:,]|^[./~]/.test(text));
  let host: string | null | undefined;
  const body: (Value | null)[] = [];
  let runs = false;
  for (const address of addresses) {
    const [kind = "", ...rest] = address.text.split(/[:,]/);
    if (
      /^(?:tcp|tcp4|tcp6|udp|udp4|udp6|openssl|ssl|sctp|socks4a?|proxy|tcp-connect|openssl-connect|udp-sendto)$/i.test(
        kind,
      )
    )
      host = hostNamed(act, rest[0] ?? "");
    else if (/^(?:exec|system|shell)$/i.test(kind)) runs = true;
    else if (/^(?:file|open|gopen|create)$/i.test(kind))
      body.push(readFile(act, { ...address, text: rest[0] ?? "" }));
    else if (address.text === "-" || /^stdin|^stdio/i.test(kind)) body.push(act.stdin);
    else if (/^[./~]/.test(address.text)) body.push(readFile(act, address));
  }
  if (host === undefined) return;
  if (runs) report(act, "fetch_and_execute_in_hook", { url_host: host });
  talk(act, host, "socat", body);
}

function telnet(act: Act): void {
  const [host] = parseOptions(act.args, { short: "elnSX" }).operands;
  talk(act, hostNamed(act, host?.text ?? ""), "telnet", [act.stdin]);
}

/** `openssl s_client -connect host:port < data`. */
export function opensslClient(act: Act): void {
  const at = act.args.findIndex(({ text }) => /^-(?:connect|host)$/.test(text));
  talk(act, hostNamed(act, act.args[at + 1]?.text ?? ""), "openssl s_client", [act.stdin]);
}

interface Remote {
  readonly host: string | null;
  readonly path: string;
}

/** `user@host:path`, `host::module`, `rsync://host/…`, `scp://host/…`; null: a local path. */
function remoteOf(act: Act, value: Value): Remote | null {
  const url = /^(?:rsync|scp|sftp|ssh|ftp):\/\//i.exec(value.text);
  if (url) return { host: hostNamed(act, value.text), path: value.text };
  const match = /^(?:([^@/\s]{1,256})@)?([^:/\s]{1,256}):(.*)$/s.exec(value.text);
  if (!match || /^[A-Za-z]$/.test(match[2] ?? "")) return null;
  return { host: hostNamed(act, match[2] ?? ""), path: match[3] ?? "" };
}

/** scp and rsync: from here to a host, or from a host to here. */
function copier(act: Act): void {
  const options = parseOptions(act.args, {
    short: act.name === "rsync" ? "efTBM" : "cFiJloPSDX",
    long: "rsh exclude include exclude-from include-from files-from filter log-file password-file out-format backup-dir suffix partial-dir temp-dir chmod chown bwlimit port timeout rsync-path info debug max-size min-size compare-dest copy-dest link-dest".split(
      " ",
    ),
  });
  const shell = options.first("e", "rsh");
  if (shell && !/^ssh(?:\s|$)/.test(shell.text)) runCode(act, "shell", shell, { detached: true });
  noteSshOptions(act, options);
  const list = options.operands;
  const target = list.at(-1);
  const sources = list.slice(0, -1);
  if (!target || sources.length === 0) return;
  const goal = remoteOf(act, target);
  const files: string[] = [];
  if (goal) {
    const content = sources
      .filter((source) => !remoteOf(act, source))
      .map((source) => attach(act, source, files));
    transfer(act, { host: goal.host, sink: act.name, body: content, files });
    act.draft.output = EMPTY;
    return;
  }
  for (const source of sources.slice(0, 16)) {
    const from = remoteOf(act, source);
    const content = from ? unknown([{ kind: "download", host: from.host }]) : readFile(act, source);
    const into: Value =
      /[/\\]$|^\.$/.test(target.text) && !source.text.endsWith("/")
        ? { ...target, text: `${target.text.replace(/\/$/, "")}/${baseOf(source.text)}` }
        : target;
    writeFile(act, into, content);
    // A name without an ending may be a folder's: what holds the guards is changed then too.
    if (into.text !== target.text && isGuard(act, pathOf(act, target)))
      noteWrite(act, target, content);
  }
  if (options.has("delete", "delete-after", "delete-before", "delete-during", "delete-excluded"))
    noteMirror(act, target, sources);
}

/** `rsync --delete empty/ target/` empties a folder. */
function noteMirror(act: Act, target: Value, sources: readonly Value[]): void {
  const emptied = sources.some(({ text }) => /^\/tmp\/|empty|blank|\/dev\/null/.test(text));
  const wide = /^(?:\/|~\/?|\/home\/[^/]+\/?|\/Users\/[^/]+\/?|\/root\/?)$/.test(target.text);
  if (emptied || wide) report(act, "destructive_in_hook", { pattern: "rsync --delete" });
}

/** `ssh -o ProxyCommand=…`: a program of this machine. */
function noteSshOptions(act: Act, options: Options): void {
  for (const option of options.all("o")) {
    const command = /^\s*(?:proxycommand|localcommand|knownhostscommand)\s*[= ]\s*(.+)$/is.exec(
      option.text,
    )?.[1];
    if (
      command !== undefined &&
      !/^(?:none|(?:\S*\/)?(?:ssh|nc|ncat|cloudflared|connect|corkscrew|aws|gcloud)\s[^;|&`$]*)$/i.test(
        command,
      )
    )
      runCode(act, "shell", { ...option, text: command }, { detached: true });
  }
}

/** Its input is the program's own: nobody handed it to this command. */
function inherits({ stdin, ctx }: Act): boolean {
  if (stdin === null || stdin === ctx.stdin) return true;
  return (
    ctx.stdin !== null &&
    stdin.text === ctx.stdin.text &&
    JSON.stringify(stdin.taints) === JSON.stringify(ctx.stdin.taints)
  );
}

/** What runs there is read like what runs here: what comes in on stdin goes there. */
function ssh(act: Act): void {
  const options = parseOptions(act.args, { short: "BbcDEeFIiJLlmOopQRSWw", stops: true });
  noteSshOptions(act, options);
  const [target, ...words] = options.operands;
  if (!target) return;
  const host = hostNamed(act, target.text.replace(/^.*@/, "").replace(/^ssh:\/\//, ""));
  const command = joined(words, " ");
  const stdin =
    inherits(act) && !/\b(?:cat|tee|dd|tar|read|sh|bash)\b|>/.test(command.text) ? null : act.stdin;
  transfer(act, {
    host,
    sink: "ssh",
    body: [stdin, ...words.filter(({ taints }) => taints.length > 0)],
  });
  if (command.text.trim() !== "")
    runCode(act, "shell", { ...command, taints: command.taints }, { detached: true });
  act.draft.output = unknown(
    host === null || hostClass(host) !== "loopback" ? [{ kind: "download", host }] : [],
  );
}

function sftp(act: Act): void {
  const options = parseOptions(act.args, {
    short: "bBcDFiJloPRSsueupe",
    long: ["user", "password"],
  });
  const [target] = options.operands;
  const batch = options.first("b");
  const script = batch && batch.text !== "-" ? readFile(act, batch) : act.stdin;
  const given = [options.first("e"), script].map((value) => value?.text ?? "").join("\n");
  const files: string[] = [];
  const sent: Value[] = [];
  for (const [, file = ""] of given
    .slice(0, 8192)
    .matchAll(/(?:^|[\n;])\s{0,8}(?:m?put|reput|mirror -R)\s+(?:-\w+\s+)*([^\s;]{1,400})/g))
    sent.push(attach(act, known(file), files));
  const host = target
    ? (remoteOf(act, target)?.host ?? hostNamed(act, target.text.replace(/^.*@/, "")))
    : null;
  talk(
    act,
    host,
    act.name,
    [...sent, script, ...options.operands.slice(1).filter(({ taints }) => taints.length > 0)],
    files,
  );
}

/** rclone, mc, s3cmd, gsutil: from a local path to `remote:path`. */
export function cloudCopy(
  act: Act,
  words: readonly Value[],
  isRemote: (text: string) => boolean,
  sink: string,
  host: string | null,
): void {
  const target = words.at(-1);
  const sources = words.slice(0, -1);
  if (!target || !isRemote(target.text)) {
    const from = sources.find(({ text }) => isRemote(text));
    const taints: Taint[] = from ? [{ kind: "download", host }] : [];
    if (target && from)
      writeFile(act, target.text === "-" ? known("/dev/stdout") : target, unknown(taints));
    act.draft.output = target?.text === "-" ? unknown(taints) : EMPTY;
    return;
  }
  const files: string[] = [];
  const body = sources
    .filter(({ text }) => !isRemote(text))
    .map((source) => (source.text === "-" ? (act.stdin ?? EMPTY) : attach(act, source, files)));
  transfer(act, { host, sink, body, files });
  act.draft.output = EMPTY;
}

const isStore = (text: string): boolean => /^[^/.~:]+:/.test(text);

function rclone(act: Act): void {
  const options = parseOptions(act.args, {
    long: ["config", "transfers", "include", "exclude", "filter", "log-file"],
  });
  const [verb, ...words] = options.operands;
  if (/^(?:copy|copyto|sync|move|moveto|bisync)$/.test(verb?.text ?? ""))
    cloudCopy(act, words, isStore, "rclone", null);
  else if (verb?.text === "rcat") transfer(act, { host: null, sink: "rclone", body: [act.stdin] });
  if (/^(?:purge|delete|rmdirs)$/.test(verb?.text ?? ""))
    report(act, "destructive_in_hook", { pattern: `rclone ${verb?.text}` });
}

export const remote: Family = {
  nc: netcat,
  ncat: netcat,
  netcat,
  "nc.openbsd": netcat,
  "nc.traditional": netcat,
  socat,
  telnet,
  scp: copier,
  pscp: copier,
  rsync: copier,
  ssh,
  plink: ssh,
  autossh: ssh,
  mosh: ssh,
  sshpass: (act) => {
    const options = parseOptions(act.args, { short: "pfdP", stops: true });
    const [program, ...args] = options.operands;
    if (program) act.dispatch({ ...act, name: program.text, args });
  },
  sftp,
  ftp: sftp,
  lftp: sftp,
  ncftpput: sftp,
  tftp: sftp,
  rclone,
};
