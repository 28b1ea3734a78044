#!/usr/bin/env node
import { setFlagsFromString } from "node:v8";

// Batches live just long enough to be taken for lasting ones, which makes the heap grow to several times what is in
// use. What a host spares for a sender is worth more than the time that collecting sooner takes.
setFlagsFromString("--semi-space-growth-factor=1");
setFlagsFromString("--heap-growing-percent=20");

await import("../dist/bin.js");
