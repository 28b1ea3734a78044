import type { Act, Family } from "../act.ts";
import { parseOptions } from "../options.ts";
import { transfer } from "../transfer.ts";
import { taintsOf, unknown } from "../value.ts";
import { attach } from "../request.ts";
import { hostNamed, talk } from "./remote.ts";

/** A name that is looked up carries what is in it to whoever answers for the domain. */
function lookUp(act: Act): void {
  const body = act.args.filter(({ taints }) => taints.length > 0);
  for (const name of body.slice(0, 8)) {
    const labels = name.text.replace(/^@/, "");
    transfer(act, { host: hostNamed(act, labels), sink: "dns", body: [name] });
  }
  if (/^(?:dig|nslookup|host|drill|kdig|doggo|dog)$/.test(act.name)) {
    const txt = act.args.some(({ text }) => /^(?:-?-?(?:q=|t(?:ype)?=)?txt)$/i.test(text));
    const host =
      act.args.map(({ text }) => text).find((text) => /^[\w.-]+\.[a-z]{2,}$/i.test(text)) ?? null;
    act.draft.output = unknown(txt ? [{ kind: "download", host }] : taintsOf(body));
  } else act.draft.output = unknown();
}

/** Mail to somebody: the host is the receiver's. */
function mail(act: Act): void {
  const options = parseOptions(act.args, {
    short: "sabcrSufAqMjoOxXhpBL",
    long: "to from server subject body attach attachment header data auth-user auth-password au ap h-subject file".split(
      " ",
    ),
  });
  const files: string[] = [];
  const attached = [...options.all("a", "A", "attach", "attachment", "data", "file")].map((file) =>
    file.text.startsWith("/") || /^[~.]/.test(file.text) ? attach(act, file, files) : file,
  );
  const receiver = [...options.operands, ...options.all("to")].find(({ text }) =>
    text.includes("@"),
  );
  if (
    !receiver &&
    options.operands.length > 0 &&
    options.operands.every(({ text }) => /^[a-z_][\w-]*$/.test(text))
  )
    return;
  const host = receiver
    ? hostNamed(act, receiver.text.slice(receiver.text.lastIndexOf("@") + 1))
    : null;
  talk(
    act,
    host,
    act.name,
    [act.stdin, ...attached, ...options.all("s", "subject", "body", "b")],
    files,
  );
}

/** Programs that put what they are given where others can fetch it. */
function paste(host: string | null, verbs?: RegExp) {
  return (act: Act): void => {
    if (verbs && !act.args.some(({ text }) => verbs.test(text))) return;
    const operands = act.args.filter(({ text }) => !text.startsWith("-") && !verbs?.test(text));
    const files: string[] = [];
    const body = operands.map((operand) =>
      /[/.~]/.test(operand.text) ? attach(act, operand, files) : operand,
    );
    transfer(act, { host, sink: act.name, body: [act.stdin, ...body], files });
    act.draft.output = unknown();
  };
}

/** Messages sent by a service's own client: the words of the command are the message. */
function messenger(host: string | null) {
  return (act: Act): void => {
    const url = act.args.find(({ text }) => /^https?:\/\//.test(text));
    const given = url ? hostNamed(act, url.text) : host;
    transfer(act, { host: given, sink: act.name, body: [act.stdin, ...act.args] });
    act.draft.output = unknown();
  };
}

function websocket(act: Act): void {
  const url = act.args.find(({ text }) => /^wss?:\/\//i.test(text));
  talk(act, url ? hostNamed(act, url.text) : null, act.name, [
    act.stdin,
    ...act.args.filter(({ taints }) => taints.length > 0),
  ]);
}

function mqtt(act: Act): void {
  const options = parseOptions(act.args, {
    short: "hptmfuPiq",
    long: ["host", "port", "topic", "message", "file"],
  });
  const files: string[] = [];
  const file = options.first("f", "file");
  const host = hostNamed(act, options.first("h", "host")?.text ?? "localhost");
  talk(
    act,
    host,
    act.name,
    [act.stdin, options.first("m", "message"), file ? attach(act, file, files) : null],
    files,
  );
}

/** Names that are looked up, mail, messages, and places where anyone can fetch what is put there. */
export const messages: Family = {
  dig: lookUp,
  nslookup: lookUp,
  host: lookUp,
  drill: lookUp,
  kdig: lookUp,
  dog: lookUp,
  doggo: lookUp,
  delv: lookUp,
  ping: lookUp,
  ping6: lookUp,
  fping: lookUp,
  traceroute: lookUp,
  getent: lookUp,
  resolvectl: lookUp,
  dscacheutil: lookUp,
  "resolve-dnsname": lookUp,
  "test-connection": lookUp,
  whois: lookUp,
  mail,
  mailx: mail,
  "s-nail": mail,
  sendmail: mail,
  msmtp: mail,
  mutt: mail,
  neomutt: mail,
  swaks: mail,
  ssmtp: mail,
  sendemail: mail,
  "send-mailmessage": mail,
  pastebinit: paste("pastebin.com"),
  wgetpaste: paste("pastebin.com"),
  croc: paste(null, /^send$/),
  wormhole: paste(null, /^(?:send|tx)$/),
  ffsend: paste(null, /^(?:upload|u)$/),
  transfer: paste("transfer.sh"),
  ntfy: messenger("ntfy.sh"),
  "telegram-send": messenger("api.telegram.org"),
  slackcat: messenger("slack.com"),
  apprise: messenger(null),
  pushover: messenger("api.pushover.net"),
  websocat: websocket,
  wscat: websocket,
  mosquitto_pub: mqtt,
};
