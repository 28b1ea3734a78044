// What packages/agent/bin/sigil.js does, from source.
import { main } from "../../packages/agent/src/main.ts";

process.exitCode = await main(process.argv.slice(2));
process.exit();
