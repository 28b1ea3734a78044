/** What the `doctor` of each program is made of. */
export * from "./check.ts";
export * from "./checks.ts";
export * from "./examine.ts";
export * from "./modes.ts";
