// Looks at the gateway's channel again and again.

import { channelFacts } from "../model/channel.js";
import { parse } from "./request.js";

const endpoint = new URL("../go/channel", document.baseURI);

/** No answer of it takes longer, in ms. */
const TIMEOUT = 5_000;

/** So many events come with a look; the first one brings all that are kept. */
const EVENTS = { first: 200, later: 20 };

/**
 * Calls `report({ facts, events, problem })` after each look; of `facts` and `problem` one is null. `pause()` is the
 * time to the next look, in ms. The result looks at once when it is called.
 */
export function watchChannel(report, pause) {
  let awake = () => {};
  const rest = () => new Promise((resolve) => {
    const timer = setTimeout(resolve, pause());
    awake = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  (async () => {
    for (let wanted = EVENTS.first; ;) {
      if (document.hidden) {
        await event(document, "visibilitychange");
        wanted = EVENTS.first;
        continue;
      }
      const seen = await look(wanted);
      if (seen.facts) wanted = EVENTS.later;
      report(seen);
      await rest();
    }
  })();
  return () => awake();
}

async function look(events) {
  const nothing = { facts: null, events: [], problem: null };
  try {
    const url = new URL(`?events=${events}`, endpoint);
    const response = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
    const body = parse(await response.text());
    const facts = response.ok ? channelFacts(body) : null;
    const status = `HTTP ${response.status} ${response.statusText}`.trim();
    if (!facts) return { ...nothing, problem: String(body?.error?.message ?? status) };
    return { ...nothing, facts, events: Array.isArray(body.events) ? body.events : [] };
  } catch (error) {
    return { ...nothing, problem: error.message };
  }
}

function event(target, name) {
  return new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
}
