/**
 * What tests need to be quick and exact: a directory of their own, a clock that stands still, a way to wait for a
 * condition instead of for time. It is no part of the product and nothing in `src` of a package imports it.
 */
export * from "./ca.ts";
export * from "./clock.ts";
export * from "./env.ts";
export * from "./eventually.ts";
export * from "./temp.ts";
