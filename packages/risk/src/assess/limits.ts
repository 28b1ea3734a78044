import { CLOSURE_LIMITS, type ClosureLimits } from "../closure.ts";

/** Every bound of a scan, with its default. */
export interface AssessLimits extends ClosureLimits {
  /** Largest guard file that is read, bytes. */
  readonly fileBytes: number;
  /** Time for one guard file and what it reaches, milliseconds. */
  readonly fileMs: number;
  /** Guard files of one scan; imports and plugins can lead to more. */
  readonly files: number;
  /** What is kept of each kind (hooks, servers, permissions) that one file declares. */
  readonly entries: number;
  /** Levels of files that lead to files. */
  readonly leadDepth: number;
  /** Commands followed in one file. */
  readonly commands: number;
  /** Levels of code in code. */
  readonly codeDepth: number;
  readonly notices: number;
  readonly controls: number;
}

export const ASSESS_LIMITS: AssessLimits = {
  ...CLOSURE_LIMITS,
  fileBytes: 4 * 1024 * 1024,
  fileMs: 2000,
  files: 4096,
  entries: 10_000,
  leadDepth: 5,
  commands: 512,
  codeDepth: 6,
  notices: 200,
  controls: 200,
};
