import { endQuietlyWithoutReader, flushed } from "@sigil/cli";
import { main } from "./main.ts";

/** No `await` at the top: the bundle is CommonJS. */
async function start(): Promise<never> {
  const code = await main(process.argv.slice(2));
  await flushed();
  process.exit(code);
}

endQuietlyWithoutReader();
void start();
