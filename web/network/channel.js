// Looks at the gateway's channel again and again.

import { channelFacts } from "../model/channel.js";
import { parse } from "./request.js";

const endpoint = new URL("../go/channel", document.baseURI);

/** No answer of it takes longer, in ms. */
const TIMEOUT = 5_000;

/** Calls `report(facts, problem)` after each look; one of the two is null. `pause()` is the time to the next, in ms. */
export async function watchChannel(report, pause) {
  for (;;) {
    if (document.hidden) await event(document, "visibilitychange");
    else {
      const { facts = null, problem = null } = await look();
      report(facts, problem);
      await new Promise((resolve) => setTimeout(resolve, pause()));
    }
  }
}

async function look() {
  try {
    const response = await fetch(endpoint, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
    const body = parse(await response.text());
    const facts = response.ok ? channelFacts(body) : null;
    const status = `HTTP ${response.status} ${response.statusText}`.trim();
    return facts ? { facts } : { problem: String(body?.error?.message ?? status) };
  } catch (error) {
    return { problem: error.message };
  }
}

function event(target, name) {
  return new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
}
