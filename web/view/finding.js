// The sentence on what is seen.

import { element, find, reconcile, setData, setHidden, setText } from "./dom.js";

/** A screen reader is told of a change, and of no more than one in this time, in ms. */
const ANNOUNCE_EVERY = 5_000;

/** What is told has been so for this long, in ms. */
const STEADY_FOR = 1_000;

const section = find("#finding");
let announcedAt = -Infinity;
let candidate = { text: "", since: -Infinity };

export function showFinding({ kind, headline, reason, advice, news, pods = null }, now) {
  setData(section, "kind", kind);
  setData(section, "pods", pods ?? "");
  setText(find("#headline"), headline);
  setText(find("#reason"), reason);
  setText(find("#advice"), advice);
  setHidden(find("#advice"), advice === "");
  reconcile(find("#news"), news, (_, index) => index, () => element("li"), (item, { text, tone }) => {
    setText(item, text);
    setData(item, "tone", tone);
  });
  announce(["idle", "waiting"].includes(kind) ? "" : `${headline} ${reason}`, now);
}

/** Only what was so for a while, too. */
function announce(text, now) {
  const place = find("#announcement");
  if (text !== candidate.text) candidate = { text, since: now };
  const isSteady = now - candidate.since >= STEADY_FOR;
  if (!isSteady || place.textContent === text || now - announcedAt < ANNOUNCE_EVERY) return;
  announcedAt = now;
  setText(place, text);
}
