import { endQuietlyWithoutReader, flushed } from "@sigil/cli";
import { main } from "./main.ts";

endQuietlyWithoutReader();
const code = await main(process.argv.slice(2));
await flushed();
process.exit(code);
