// The stream of what a gateway's channel tells of itself. It reaches one gateway; what the others tell comes with the
// looks at their channels.

import { parse } from "./request.js";

const endpoint = new URL("../go/events", document.baseURI);

/** A gateway with enough listeners answers 503, and then the browser does not ask again by itself. In ms. */
const AGAIN_AFTER = 30_000;

/** Calls `report(event)` for each. A page that is not seen keeps no connection: a browser has six to one origin. */
export function watchEvents(report) {
  let source = null;
  let timer = null;
  const open = () => {
    source = new EventSource(endpoint);
    source.addEventListener("channel", ({ data }) => report(parse(data)));
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      source = null;
      timer = setTimeout(follow, AGAIN_AFTER);
    });
  };
  const follow = () => {
    clearTimeout(timer);
    if (document.hidden) {
      source?.close();
      source = null;
    } else if (!source) open();
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}
