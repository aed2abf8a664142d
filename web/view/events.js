// What the channels have told of themselves, the latest first.

import { nameParts } from "../model/words.js";
import { element, find, reconcile, setData, setHidden, setText } from "./dom.js";

const clock = new Intl.DateTimeFormat("en", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3, hourCycle: "h23",
});

/** What a reader looks through; a gateway keeps more. */
const MOST = 60;

let shown = null;

/** Takes the EventLog of model/events.js. */
export function showEvents({ latest: events, version }) {
  if (version === shown) return;
  shown = version;
  setHidden(find("#events-empty"), events.length > 0);
  setHidden(find("#events-list"), events.length === 0);
  reconcile(find("#events-list ol"), events.slice(0, MOST), ({ id }) => id, makeItem, showEvent);
}

function makeItem() {
  return element(
    "li", {}, element("time"), element("span", { class: "message" }), element("small", { class: "quiet" }));
}

function showEvent(item, { id, at, kind, tone, gateway, message }) {
  const [time, text, who] = item.children;
  setData(item, "id", id);
  setData(item, "kind", kind);
  setData(item, "tone", tone);
  time.dateTime = new Date(at).toISOString();
  setText(time, clock.format(at));
  setText(text, message);
  setText(who, `gateway ${nameParts(gateway).own}`);
  who.title = gateway;
}
