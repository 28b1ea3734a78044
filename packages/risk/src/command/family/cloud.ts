import type { Value } from "../../model/behavior.ts";
import { destroys, record, runAs } from "../act.ts";
import type { Act, Family } from "../act.ts";
import { fillFolder, writeFile } from "../files.ts";
import { hostOf } from "../knowledge/hosts.ts";
import { parseOptions, type Options } from "../options.ts";
import { transfer } from "../transfer.ts";
import { EMPTY, known, unknown } from "../value.ts";
import { baseOf } from "../knowledge/path.ts";
import { attach } from "../request.ts";
import { cloudCopy } from "./remote.ts";
import { readStore } from "./carriers.ts";

export function words(act: Act): readonly string[] {
  return act.args.filter(({ text }) => !text.startsWith("-")).map(({ text }) => text);
}

export function asksHelp(act: Act): boolean {
  return act.args.some(({ text }) =>
    /^(?:--help|-h|--dry-run(?:=\w+)?|--dryrun|--whatif|--validate-only)$/.test(text),
  );
}

/** terraform and its kin: `destroy`, `apply -destroy`, `state rm`. */
function terraform(act: Act): void {
  if (asksHelp(act)) return;
  const [verb = "", second = ""] = words(act);
  const list = words(act);
  const flagged = act.args.some(({ text }) => /^--?destroy(?:=true)?$/.test(text));
  if (verb === "destroy" || list.includes("destroy")) destroys(act, `${act.name} destroy`);
  else if (verb === "apply" && flagged) destroys(act, `${act.name} apply -destroy`);
  else if (verb === "state" && second === "rm") destroys(act, `${act.name} state rm`);
  else if (verb === "workspace" && second === "delete")
    destroys(act, `${act.name} workspace delete`);
  else if (verb === "stack" && second === "rm") destroys(act, `${act.name} stack rm`);
}

const MINOR = /^(?:pods?|po|jobs?|events?|leases?)(?:\/|$)/;

function kubectl(act: Act): void {
  const options = parseOptions(act.args, {
    short: "nfloksc",
    long: "namespace filename selector output context kubeconfig server token as user cluster type patch image container template field-selector timeout grace-period".split(
      " ",
    ),
  });
  const [verb, target, ...rest] = options.operands;
  act.draft.output = unknown([{ kind: "facts", source: "kubectl" }]);
  const all = options.has("all", "A", "all-namespaces");
  if (verb?.text === "delete" && !asksHelp(act)) {
    const minor =
      target !== undefined && MINOR.test(target.text) && !all && !options.has("l", "selector");
    if (!minor)
      destroys(
        act,
        `kubectl delete${target && !target.text.includes("/") ? ` ${target.text.split(",")[0]}` : ""}`,
      );
  }
  if (verb?.text === "drain") destroys(act, "kubectl drain");
  if (
    verb?.text === "get" &&
    /^secrets?(?:\/|$)/.test(target?.text ?? "") &&
    options.has("o", "output")
  )
    act.draft.output = readStore(act, "kubectl get secret");
  if (verb?.text === "config" && target?.text === "view" && options.has("raw", "flatten"))
    act.draft.output = readStore(act, "kubectl config view --raw");
  if (verb?.text === "exec" || verb?.text === "run" || verb?.text === "debug") inContainer(act);
  if (verb?.text === "cp" && target && rest[0])
    cloudCopy(act, [target, rest[0]], (text) => /^[\w./-]+:/.test(text), "kubectl cp", null);
}

/** `kubectl exec pod -- cmd`: what runs there is read too. */
function inContainer(act: Act): void {
  const cut = act.args.findIndex(({ text }) => text === "--");
  if (cut !== -1) runAs(act, act.args.slice(cut + 1));
}

function helm(act: Act): void {
  const [verb = ""] = words(act);
  if (/^(?:uninstall|delete|del|un)$/.test(verb) && !asksHelp(act)) destroys(act, `helm ${verb}`);
}

const FROM_GITHUB = unknown([{ kind: "download", host: "github.com" }]);

/** `gh repo clone owner/name folder`. */
function cloned(act: Act, name: Value | undefined, folder: Value | undefined): void {
  if (!name) return;
  const own = baseOf(name.text.replace(/\/$/, "")).replace(/\.git$/, "");
  fillFolder(act, folder ?? { ...name, text: own }, FROM_GITHUB);
  act.draft.output = EMPTY;
}

/** GitHub's own client. */
function gh(act: Act): void {
  const options = parseOptions(act.args, {
    short: "bFdtfHXqRcsalmBopnDO",
    long: "body body-file field raw-field header method jq repo title desc filename input template notes notes-file env org user json label assignee milestone base head hostname source dir output pattern".split(
      " ",
    ),
  });
  const [group, verb, ...rest] = options.operands;
  const [noun, action] = [group?.text ?? "", verb?.text ?? ""];
  act.draft.output = unknown([{ kind: "facts", source: "gh" }]);
  const files: string[] = [];
  if (noun === "gist" && /^(?:create|new|edit)$/.test(action)) {
    const body = options.operands.slice(2).map((file) => attach(act, file, files));
    transfer(act, {
      host: "gist.github.com",
      sink: "gh gist",
      body: [rest.length === 0 || rest[0]?.text === "-" ? act.stdin : null, ...body],
      files,
    });
    return;
  }
  if (noun === "repo" && action === "clone") {
    cloned(act, rest[0], rest[1]);
    return;
  }
  if (noun === "repo" && action === "create" && options.has("push")) {
    const source = options.first("source") ?? known(".");
    const body = [unknown([{ kind: "file", path: source.text }])];
    transfer(act, { host: "github.com", sink: "gh repo create", body });
  }
  if (noun === "release" && action === "download") {
    const folder = options.first("D", "dir") ?? known(".");
    const file = options.first("O", "output");
    if (file) writeFile(act, file.text === "-" ? known("/dev/stdout") : file, FROM_GITHUB);
    else fillFolder(act, folder, FROM_GITHUB);
    act.draft.output = file?.text === "-" ? FROM_GITHUB : EMPTY;
    return;
  }
  if (noun === "api") act.draft.output = FROM_GITHUB;
  if (noun === "auth" && action === "token") act.draft.output = readStore(act, "gh auth token");
  else if (noun === "auth" && action === "status" && options.has("t", "show-token"))
    act.draft.output = readStore(act, "gh auth token");
  else if (
    /^(?:delete|remove|archive)$/.test(action) &&
    /^(?:repo|release|secret|environment|run|codespace|project)$/.test(noun)
  )
    destroys(act, `gh ${noun} ${action}`);
  else if (noun === "api" && /^DELETE$/i.test(options.first("X", "method")?.text ?? ""))
    destroys(act, "gh api -X DELETE");
  if (/^(?:issue|pr|release|api|repo|discussion)$/.test(noun)) publish(act, options, noun, files);
}

/** What goes into an issue, a request or a release: GitHub is a service of its own, and a credential there is not. */
function publish(act: Act, options: Options, noun: string, files: string[]): void {
  const attached = options
    .all("body-file", "notes-file", "input", ...(noun === "api" ? [] : ["F"]))
    .map((file) => attach(act, file, files));
  const sent = [
    ...options.all(
      "b",
      "body",
      "title",
      "t",
      "f",
      "field",
      "raw-field",
      "notes",
      "n",
      ...(noun === "api" ? ["F"] : []),
    ),
    ...attached,
  ];
  transfer(act, { host: "api.github.com", sink: "gh", body: sent, files, trusted: true });
}

/** Clients whose verb says that something is taken down. */
function remover(pattern: RegExp) {
  return (act: Act): void => {
    const plain = words(act);
    const at = plain.findIndex((word) => pattern.test(word));
    if (at !== -1 && at < 4 && !asksHelp(act))
      destroys(act, `${act.name} ${plain.slice(0, at + 1).join(" ")}`);
  };
}

/** Clients of vaults. */
function vault(act: Act): void {
  const [verb = "", second = ""] = words(act);
  if (verb === "read" || (verb === "kv" && second === "get"))
    act.draft.output = readStore(act, "vault");
  if (
    /^(?:delete|destroy)$/.test(verb) ||
    (verb === "kv" && /^(?:delete|destroy|metadata)$/.test(second))
  )
    destroys(act, "vault delete");
  const host = hostOf("vault", act.readers.world);
  if (verb === "write" || second === "put")
    record(act.draft.sends, {
      host,
      sink: "vault",
      taints: act.args.flatMap(({ taints }) => taints),
      files: [],
      source: act.action.source,
    });
}

export const clouds: Family = {
  terraform,
  tofu: terraform,
  terragrunt: terraform,
  pulumi: terraform,
  cdk: terraform,
  cdktf: terraform,
  eksctl: remover(/^delete$/),
  serverless: remover(/^remove$/),
  sls: remover(/^remove$/),
  sam: remover(/^delete$/),
  bq: remover(/^rm$/),
  azcopy: (act) => {
    const [verb, ...rest] = parseOptions(act.args).operands;
    if (/^(?:copy|cp|sync)$/.test(verb?.text ?? ""))
      cloudCopy(act, rest, (text) => /^https?:/.test(text), "azcopy", "blob.core.windows.net");
  },
  kubectl,
  oc: kubectl,
  helm,
  gh,
  glab: remover(/^delete$/),
  doctl: remover(/^(?:delete|rm|destroy)$/),
  hcloud: remover(/^delete$/),
  linode: remover(/^(?:delete|rm)$/),
  heroku: (act) => {
    remover(/^(?:apps:destroy|pg:reset|apps:delete|addons:destroy|repo:reset)$/)(act);
    if (/^auth:token$/.test(act.args[0]?.text ?? ""))
      act.draft.output = readStore(act, "heroku auth:token");
  },
  fly: remover(/^(?:destroy|delete)$/),
  flyctl: remover(/^(?:destroy|delete)$/),
  vercel: remover(/^(?:rm|remove)$/),
  netlify: remover(/^(?:sites:delete|delete)$/),
  firebase: remover(/^(?:firestore:delete|database:remove|projects:delete|hosting:disable)$/),
  wrangler: remover(/^(?:delete)$/),
  supabase: remover(/^(?:reset|delete)$/),
  railway: remover(/^(?:delete|down)$/),
  vault,
  mc: (act) => {
    const [verb, ...rest] = parseOptions(act.args).operands;
    if (/^(?:cp|mv|mirror)$/.test(verb?.text ?? ""))
      cloudCopy(act, rest, (text) => /^[\w-]+\/[\w-]/.test(text), "mc", null);
    if (
      /^(?:rm|rb)$/.test(verb?.text ?? "") &&
      act.args.some(({ text }) => /^--(?:recursive|force)$|^-r/.test(text))
    )
      destroys(act, `mc ${verb?.text}`);
  },
  s3cmd: (act) => {
    const [verb, ...rest] = parseOptions(act.args, { short: "c" }).operands;
    if (/^(?:put|sync)$/.test(verb?.text ?? ""))
      cloudCopy(act, rest, (text) => text.startsWith("s3://"), "s3cmd", "s3.amazonaws.com");
    if (/^(?:del|rm|rb)$/.test(verb?.text ?? "")) destroys(act, `s3cmd ${verb?.text}`);
  },
};
