import type { Value } from "../../model/behavior.ts";
import { destroys } from "../act.ts";
import type { Act, Family } from "../act.ts";
import { parseOptions } from "../options.ts";
import { transfer } from "../transfer.ts";
import { known, unknown } from "../value.ts";
import { readStore } from "./carriers.ts";
import { asksHelp, words } from "./cloud.ts";
import { attach } from "../request.ts";
import { cloudCopy } from "./remote.ts";

const AWS_KEEP = /^delete-(?:message(?:-batch)?|tags?|log-stream|subscription-filter|alarms)$/;

const GS = (text: string): boolean => text.startsWith("gs://") || text.startsWith("s3://");

function aws(act: Act): void {
  const options = parseOptions(act.args, {
    long: "region profile output endpoint-url query body key bucket message message-body topic-arn queue-url secret-id name names parameter-names payload cli-input-json include exclude sse acl storage-class function-name group-name policy-document metadata content-type log-group-name instance-ids stack-name".split(
      " ",
    ),
  });
  const [service, verb, ...rest] = options.operands;
  const [svc, action] = [service?.text ?? "", verb?.text ?? ""];
  act.draft.output = unknown([{ kind: "facts", source: "aws" }]);
  if (asksHelp(act)) return;
  if (svc === "s3" || svc === "s3api")
    bucket(
      act,
      svc,
      action,
      rest,
      options.has("recursive"),
      options.has("force", "delete"),
      options.first("body"),
    );
  else if (
    /^(?:delete|terminate|purge|deregister|schedule-key-deletion)/.test(action) &&
    !AWS_KEEP.test(action)
  )
    destroys(act, `aws ${svc} ${action}`);
  if (
    /^(?:publish|send-message|send-command|put-events|invoke|send-email|put-parameter|put-log-events)$/.test(
      action,
    )
  )
    transfer(act, {
      host: "amazonaws.com",
      sink: "aws",
      body: options.all("message", "message-body", "payload", "cli-input-json"),
      trusted: true,
    });
  if (
    /^(?:get-secret-value|get-session-token|get-authorization-token|get-login-password|get-parameters?|export-credentials|create-access-key|get-token)$/.test(
      action,
    ) ||
    (svc === "configure" && /^(?:get|export-credentials)$/.test(action))
  )
    if (svc !== "configure" || action !== "get" || /secret|key|token/i.test(rest[0]?.text ?? ""))
      act.draft.output = readStore(act, `aws ${svc} ${action}`);
}

const s3 = (text: string): boolean => text.startsWith("s3://");

function bucket(
  act: Act,
  svc: string,
  action: string,
  rest: readonly Value[],
  recursive: boolean,
  force: boolean,
  body: Value | null,
): void {
  if (/^(?:cp|mv|sync)$/.test(action)) {
    cloudCopy(act, rest, s3, "aws s3", "s3.amazonaws.com");
    if (action === "sync" && force && s3(rest[1]?.text ?? ""))
      destroys(act, "aws s3 sync --delete");
  } else if (action === "rm" && recursive) destroys(act, "aws s3 rm --recursive");
  else if (action === "rb") destroys(act, force ? "aws s3 rb --force" : "aws s3 rb");
  else if (svc === "s3api" && /^delete-(?:bucket|objects?)/.test(action))
    destroys(act, `aws s3api ${action}`);
  else if (action === "put-object" && body) {
    const files: string[] = [];
    transfer(act, {
      host: "s3.amazonaws.com",
      sink: "aws s3",
      body: [attach(act, body, files)],
      files,
    });
  }
}

const GOOGLE = "storage.googleapis.com";

function gsutil(act: Act): void {
  const list = parseOptions(act.args, { short: "ho" }).operands;
  const [verb, ...rest] = list;
  if (/^(?:cp|mv|rsync)$/.test(verb?.text ?? "")) cloudCopy(act, rest, GS, "gsutil", GOOGLE);
  if (verb?.text === "cat") cloudCopy(act, [...rest, known("-")], GS, "gsutil", GOOGLE);
  if (/^(?:rm|rb)$/.test(verb?.text ?? "")) destroys(act, `gsutil ${verb?.text}`);
}

function gcloud(act: Act): void {
  const list = act.args.filter(({ text }) => !text.startsWith("-"));
  const plain = list.map(({ text }) => text);
  act.draft.output = unknown([{ kind: "facts", source: "gcloud" }]);
  if (asksHelp(act)) return;
  const storage = plain.indexOf("storage");
  if (storage !== -1 && /^(?:cat|cp|mv|rsync)$/.test(plain[storage + 1] ?? "")) {
    const named = list.slice(storage + 2);
    const prints = plain[storage + 1] === "cat";
    cloudCopy(act, prints ? [...named, known("-")] : named, GS, "gcloud storage", GOOGLE);
    return;
  }
  const verb = plain.find((word) => /^(?:delete|rm|destroy|purge)$/.test(word));
  if (verb)
    destroys(act, `gcloud ${plain.slice(0, Math.min(plain.indexOf(verb), 3)).join(" ")} ${verb}`);
  if (
    plain.includes("print-access-token") ||
    plain.includes("print-identity-token") ||
    (plain.includes("secrets") && plain.includes("access"))
  )
    act.draft.output = readStore(act, "gcloud auth");
}

function az(act: Act): void {
  const plain = words(act);
  act.draft.output = unknown([{ kind: "facts", source: "az" }]);
  if (asksHelp(act)) return;
  const at = plain.findIndex((word) => /^(?:delete|purge|delete-batch)$/.test(word));
  if (at !== -1) destroys(act, `az ${plain.slice(0, at + 1).join(" ")}`);
  if (
    /^(?:get-access-token)$/.test(plain[1] ?? "") ||
    (plain[0] === "keyvault" && plain[1] === "secret" && plain[2] === "show")
  )
    act.draft.output = readStore(act, "az account");
  const file = parseOptions(act.args, {
    short: "fscn",
    long: ["file", "source", "account-name", "container-name", "name"],
  }).first("f", "file");
  if (plain.includes("upload") && file) {
    const files: string[] = [];
    transfer(act, {
      host: "blob.core.windows.net",
      sink: "az storage",
      body: [attach(act, file, files)],
      files,
    });
  }
}

/** The clients of the large clouds. */
export const providers: Family = { aws, gsutil, gcloud, az };
