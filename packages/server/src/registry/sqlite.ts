import { messageOf } from "@sigil/core/plain";
import { fail } from "../errors.ts";
import { certificatesOf } from "./certificates.ts";
import { openDatabase } from "./database.ts";
import type { Registry } from "./model.ts";
import { policiesOf } from "./policies.ts";
import { tokensOf } from "./tokens.ts";

/**
 * The registry in a SQLite file of its own. Not in the event store's: that one is set aside when it is damaged, and the
 * hosts then send again, for which their certificates must still be known.
 * @throws SIGIL_SERVER_REGISTRY
 */
export function openRegistry(file: string): Registry {
  const db = openDatabase(file);
  return guarded({
    ...certificatesOf(db),
    ...tokensOf(db),
    ...policiesOf(db),
    close: () => void db.close(),
  });
}

type Method = (...args: readonly unknown[]) => unknown;

/** What SQLite throws becomes SIGIL_SERVER_STORE: for a client, the same as an event store that fails. */
function guarded(registry: Registry): Registry {
  const methods = Object.entries(registry as unknown as Record<string, Method>);
  return Object.fromEntries(methods.map(([name, method]) => [name, guard(method)])) as never;
}

function guard(method: Method): Method {
  return (...args) => {
    try {
      return method(...args);
    } catch (error) {
      const message = `the registry failed: ${messageOf(error)}`;
      throw fail("SIGIL_SERVER_STORE", message, { cause: error });
    }
  };
}
