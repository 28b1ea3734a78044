/** Reads the events as the server stored them, through its read API. */
import { request } from "node:https";
import type { SigilEvent } from "@sigil/core";

export interface Reader {
  readonly url: string;
  readonly token: string;
  /** The demonstration's CA, PEM. */
  readonly ca: string;
}

interface Page {
  readonly items: readonly { readonly event: SigilEvent }[];
  readonly next: string | null;
}

/** Hands each event to `show` once, in the order of arrival. */
export function createTail(reader: Reader, since: string, show: (event: SigilEvent) => void) {
  const seen = new Set<string>();

  async function look(): Promise<void> {
    let cursor: string | null = null;
    do {
      const at = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page = (await get(reader, `/v1/events?limit=1000&since=${since}${at}`)) as Page;
      for (const { event } of page.items) {
        if (seen.has(event.event_id)) continue;
        seen.add(event.event_id);
        show(event);
      }
      cursor = page.next;
    } while (cursor !== null);
  }

  return { look };
}

function get({ url, token, ca }: Reader, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request(new URL(path, url), { ca, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (part: string) => (text += part));
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${path}: ${answer.statusCode} ${text}`));
      });
    });
    asked.on("error", reject).end();
  });
}
