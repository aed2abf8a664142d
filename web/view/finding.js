// The sentence on what is seen, and the four numbers below it.

import { figure, noun, span } from "../model/words.js";
import { element, find, paint, reconcile, setData, setHidden, setText } from "./dom.js";

/** A screen reader is told of a change, and of no more than one in this time, in ms. */
const ANNOUNCE_EVERY = 5_000;

/** More would be no picture. */
const MOST_DOTS = 20;

const section = find("#finding");
let announcedAt = -Infinity;
let candidate = "";

export function showFinding({ kind, headline, reason, advice, news, cause }, now) {
  setData(section, "kind", kind);
  setText(find("#headline"), headline);
  setText(find("#reason"), reason);
  setText(find("#advice"), advice);
  setHidden(find("#advice"), advice === "");
  const list = find("#news");
  reconcile(list, news, (_, index) => index, () => element("li"), (item, { text, tone }) => {
    setText(item, text);
    setData(item, "tone", tone);
  });
  for (const step of section.querySelectorAll("[data-step]")) setData(step, "narrow", step.dataset.step === cause);
  announce(["idle", "waiting"].includes(kind) ? "" : `${headline} ${reason}`, now);
}

/** Only what was so the last time, too. */
function announce(text, now) {
  const place = find("#announcement");
  const isSteady = text === candidate;
  candidate = text;
  if (!isSteady || place.textContent === text || now - announcedAt < ANNOUNCE_EVERY) return;
  announcedAt = now;
  setText(place, text);
}

/**
 * Numbers, or null for what is not known; `colours` has one entry for each pod that answers. `age` is the time since the
 * addresses were looked up, in ms, or null where nothing is looked up: pods that came since are not known yet.
 */
export function showFlow({ requests, addresses, age, connections, pods, colours }) {
  showStep("requests", requests, `${noun(requests, "request")} a second`, []);
  const known = age === null ? "known" : `as of ${span(age)} ago`;
  showStep("addresses", addresses, `${noun(addresses, "address")} ${known}`, dots(addresses, "filled"));
  const unused = Math.max(0, addresses - connections);
  showStep(
    "connections", connections, `${noun(connections, "connection")} open`,
    [...dots(connections, "filled"), ...dots(unused, "hollow")]);
  showStep("pods", pods, pods === 1 ? "pod answers" : "pods answer", colours);
}

function dots(number, kind) {
  return Array(number ?? 0).fill(kind);
}

/** `marks` are colours of pods, "filled" or "hollow". */
function showStep(name, number, label, marks) {
  const step = find(`[data-step="${name}"]`);
  setData(step, "value", number ?? "");
  setText(find("strong", step), number === null ? "–" : figure(number));
  setText(find("span", step), label);
  const place = find(".dots", step);
  if (!place) return;
  reconcile(place, marks.slice(0, MOST_DOTS), (_, index) => index, () => element("i"), (dot, mark) => {
    setData(dot, "kind", Number.isInteger(mark) ? "pod" : mark);
    if (Number.isInteger(mark)) paint(dot, mark);
  });
}
