export type CheckStatus = "ok" | "info" | "warning" | "error";

/** What one check found. `id` and `status` are for programs; the rest is for people. */
export interface CheckResult {
  readonly id: string;
  readonly status: CheckStatus;
  readonly title: string;
  readonly detail: string;
  /** What the reader can do about it. */
  readonly hint?: string;
}

/** A check looks; it changes nothing. What it throws becomes an error result. */
export interface Check<Facts> {
  readonly id: string;
  readonly title: string;
  run(facts: Facts): Promise<Finding | readonly Finding[]>;
}

/** A result before its check is named in it; `title` only where it differs. */
export type Finding = Omit<CheckResult, "id" | "title"> & { readonly title?: string };

export const ok = (detail: string): Finding => ({ status: "ok", detail });
export const info = (detail: string, hint?: string): Finding => finding("info", detail, hint);
export const warning = (detail: string, hint?: string): Finding => finding("warning", detail, hint);
export const error = (detail: string, hint?: string): Finding => finding("error", detail, hint);

function finding(status: CheckStatus, detail: string, hint: string | undefined): Finding {
  return { status, detail, ...(hint === undefined ? {} : { hint }) };
}
