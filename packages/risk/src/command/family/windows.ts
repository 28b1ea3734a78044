import { destroys, report, runAs } from "../act.ts";
import type { Act, Family } from "../act.ts";
import { noteWrite, writeFile } from "../files.ts";
import { hostOf, isUrl } from "../knowledge/hosts.ts";
import { parseOptions } from "../options.ts";
import { runCode } from "../running.ts";
import { EMPTY, joined, known, unknown } from "../value.ts";
import type { Value } from "../../model/behavior.ts";
import { attach, request } from "../request.ts";
import { fromBase64 } from "./encoders.ts";
import { readFile } from "../files.ts";

/** Values of a cmdlet's parameters by the shortest unambiguous name, and what is left by place. */
function parameters(
  act: Act,
  names: readonly string[],
): { readonly named: ReadonlyMap<string, Value>; readonly rest: readonly Value[] } {
  const named = new Map<string, Value>();
  const rest: Value[] = [];
  for (let at = 0; at < act.args.length; at += 1) {
    const arg = act.args[at] ?? EMPTY;
    const flag = /^-([A-Za-z]+):?$/.exec(arg.text)?.[1]?.toLowerCase();
    const name = flag === undefined ? undefined : names.find((one) => one.startsWith(flag));
    const next = act.args[at + 1];
    if (name !== undefined && next) {
      named.set(name, next);
      at += 1;
    } else if (flag === undefined) rest.push(arg);
  }
  return { named, rest };
}

function webRequest(act: Act): void {
  const { named, rest } = parameters(
    act,
    "uri outfile method body infile headers contenttype useragent credential timeoutsec form authentication token proxy sessionvariable websession".split(
      " ",
    ),
  );
  const url = named.get("uri") ?? rest[0];
  const files: string[] = [];
  const file = named.get("infile");
  request(act, {
    sink: act.name,
    urls: url ? [url] : [],
    body: [
      named.get("body") ?? null,
      named.get("form") ?? null,
      file ? attach(act, file, files) : null,
      act.stdin,
    ],
    auth: [
      ...(named.get("token") ? [named.get("token") ?? EMPTY] : []),
      ...(named.get("credential") ? [named.get("credential") ?? EMPTY] : []),
    ],
    headers: named.get("headers") ? [named.get("headers") ?? EMPTY] : [],
    files,
    output: named.get("outfile") ?? "stdout",
  });
}

/** `certutil -urlcache -f url file`, `certutil -decode in out`. */
function certutil(act: Act): void {
  const words = act.args.filter(({ text }) => !/^[-/]/.test(text));
  const flags = act.args.map(({ text }) => text.toLowerCase().replace(/^\//, "-"));
  const url = words.find(({ text }) => isUrl(text));
  if (url) {
    const file = words[words.indexOf(url) + 1];
    request(act, {
      sink: "certutil",
      urls: [url],
      body: [],
      auth: [],
      headers: [],
      files: [],
      output: file ?? "remote-name",
    });
  }
  const [source, target] = words;
  if (flags.some((flag) => /^-decode(?:hex)?$/.test(flag)) && source && target)
    writeFile(act, target, fromBase64(act, readFile(act, source)));
}

function bits(act: Act): void {
  const { named, rest } = parameters(act, ["source", "destination", "displayname", "transfertype"]);
  const words = [
    ...rest,
    ...[named.get("source"), named.get("destination")].flatMap((value) => (value ? [value] : [])),
  ];
  const url = words.find(({ text }) => isUrl(text));
  const file = words[words.findIndex((word) => word === url) + 1];
  if (url)
    request(act, {
      sink: act.name,
      urls: [url],
      body: [],
      auth: [],
      headers: [],
      files: [],
      output: file ?? "remote-name",
    });
}

/** `mshta url`, `regsvr32 /i:url`, `msiexec /i url`, `rundll32 …`: fetched and run at once. */
function remoteRun(act: Act): void {
  const url = act.args
    .map(({ text }) => /https?:\/\/[^\s"',]+/i.exec(text)?.[0])
    .find((text) => text !== undefined);
  if (url !== undefined)
    report(act, "fetch_and_execute_in_hook", { url_host: hostOf(url, act.readers.world) });
  const script = act.args.find(({ text }) => /^(?:java|vb)script:/i.test(text));
  if (script) report(act, "obfuscated_command", { how: act.name });
}

function shadows(act: Act): void {
  const words = act.args.map(({ text }) => text.toLowerCase());
  if (
    words.some((word) => word === "delete" || word === "resize") &&
    words.some((word) => /shadow/.test(word))
  )
    destroys(act, `${act.name} delete shadows`);
  if (act.name === "wbadmin" && words[0] === "delete") destroys(act, "wbadmin delete");
  if (
    act.name === "wmic" &&
    words.includes("create") &&
    words.some((word) => word.startsWith("__event"))
  )
    report(act, "persistence_in_hook", { path: "wmi subscription" });
  if (act.name === "wmic" && words.includes("process") && words.includes("create"))
    runCode(act, "cmd", act.args.at(-1) ?? EMPTY, { detached: true });
}

function eventLog(act: Act): void {
  const words = act.args.map(({ text }) => text.toLowerCase());
  if (act.name !== "wevtutil" || words[0] === "cl" || words[0] === "clear-log")
    destroys(act, act.name === "wevtutil" ? "wevtutil cl" : "Clear-EventLog");
}

function bcdedit(act: Act): void {
  if (act.args.some(({ text }) => /recoveryenabled|bootstatuspolicy|\/delete/i.test(text)))
    destroys(act, "bcdedit");
}

function cipher(act: Act): void {
  if (act.args.some(({ text }) => /^\/w/i.test(text))) destroys(act, "cipher /w");
}

/** `Set-Alias`, profile cmdlets and the like that change what a shell does next. */
function remoteCommand(act: Act): void {
  const { named, rest } = parameters(act, [
    "computername",
    "scriptblock",
    "session",
    "argumentlist",
    "command",
  ]);
  const block = named.get("scriptblock") ?? named.get("command") ?? joined(rest, " ");
  if (block.text !== "")
    runCode(
      act,
      "powershell",
      { ...block, text: block.text.replace(/^\{|\}$/g, "") },
      { detached: true },
    );
}

/** Switches of what watches a machine, and the words that turn them off. */
const WATCHERS: readonly (readonly [program: string, off: RegExp])[] = [
  [
    "set-mppreference",
    /-disable\w+ (?!(?:\$?false|0)\b)|-(?:mapsreporting|submitsamplesconsent) /i,
  ],
  ["add-mppreference", /-exclusion/i],
  ["setenforce", /^(?:0|permissive)$/i],
  ["ufw", /^disable\b/],
  ["auditctl", /^-e 0\b|^-D\b/],
  ["netsh", /advfirewall .*state off/i],
];

function watcher(off: RegExp) {
  return (act: Act): void => {
    const line = act.args.map(({ text }) => text).join(" ");
    if (off.test(line)) report(act, "guard_tampering_in_hook", { path: act.name });
  };
}

/** Programs that only start another one: `conhost --headless cmd`, `wsl -e sh -c x`. */
function starter(act: Act): void {
  const { operands } = parseOptions(act.args, {
    short: "du",
    long: ["distribution", "user"],
    stops: true,
  });
  const at = act.args.findIndex(({ text }) => /^(?:-e|--exec|--)$/.test(text));
  runAs(act, at === -1 ? operands : act.args.slice(at + 1));
}

/** `forfiles /c "cmd /c x"`, `pcalua -a program` */
function startFrom(flag: RegExp) {
  return (act: Act): void => {
    const code = act.args[act.args.findIndex(({ text }) => flag.test(text)) + 1];
    if (code && act.args.some(({ text }) => flag.test(text)))
      runCode(act, "cmd", code, { detached: true });
    remoteRun(act);
  };
}

export const windows: Family = {
  conhost: starter,
  wsl: starter,
  forfiles: startFrom(/^\/c$/i),
  pcalua: startFrom(/^-a$/i),
  ...Object.fromEntries(WATCHERS.map(([program, off]) => [program, watcher(off)])),
  "invoke-webrequest": webRequest,
  iwr: webRequest,
  "invoke-restmethod": webRequest,
  irm: webRequest,
  certutil,
  bitsadmin: bits,
  "start-bitstransfer": bits,
  mshta: remoteRun,
  regsvr32: remoteRun,
  rundll32: remoteRun,
  msiexec: remoteRun,
  vssadmin: shadows,
  wmic: shadows,
  wbadmin: shadows,
  wevtutil: eventLog,
  "clear-eventlog": eventLog,
  "remove-eventlog": eventLog,
  bcdedit,
  cipher,
  "invoke-command": remoteCommand,
  icm: remoteCommand,
  "start-job": remoteCommand,
  "clear-history": (act) => destroys(act, "Clear-History"),
  "get-clipboard": (act) => {
    act.draft.output = unknown([{ kind: "secret", source: "clipboard" }]);
  },
  "set-item": (act) => {
    const path = act.args.find(({ text }) => !text.startsWith("-"));
    if (path && !/^(?:env|variable|alias|function):/i.test(path.text)) noteWrite(act, path);
  },
  "get-date": (act) => {
    act.draft.output = known("");
  },
};
