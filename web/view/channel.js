// The gateway's channel: what it knows, and what it is connected to.

import { figure, many } from "../model/words.js";
import { element, find, reconcile, setData, setHidden, setText } from "./dom.js";

const section = find("#channel");

const policies = {
  pick_first: "one address, for all requests",
  round_robin: "each address, in turns",
};

/** One of the two is null; with a problem the last known facts stay, dimmed. */
export function showChannel(facts, problem) {
  setData(section, "stale", problem !== null);
  setHidden(find("#channel-problem"), problem === null);
  setText(find("#channel-problem"), `The gateway’s channel cannot be seen: ${problem}`);
  if (facts) showFacts(facts);
}

function showFacts(facts) {
  fact("target", facts.target);
  fact("mode", facts.mode ?? "not said");
  fact("policy", facts.policy, policies[facts.policy] ?? "");
  fact("state", facts.state, facts.queued > 0 ? `${many(facts.queued, "request")} waiting` : "");
  fact("lookups", facts.lookups === 0 ? "none yet" : figure(facts.lookups), lastLookup(facts));
  fact("next", ...nextLookup(facts));
  showAddresses(facts);
  const { subchannels } = facts;
  setHidden(find("#subchannels"), subchannels.length === 0);
  setHidden(find("#subchannels-empty"), subchannels.length > 0);
  reconcile(find("#subchannels tbody"), subchannels, ({ address }) => address, makeRow, updateRow);
}

function fact(name, text, remark = "") {
  const place = find(`[data-fact="${name}"]`);
  if (place.children.length === 0) place.replaceChildren(element("span"), " ", element("small", { class: "quiet" }));
  setText(place.children[0], text);
  setText(place.children[1], remark);
}

function lastLookup({ lastLookup: ago, lastError }) {
  if (lastError) return `the last failed: ${lastError}`;
  return ago === null ? "" : `the last ${Math.round(ago)} s ago`;
}

function nextLookup({ isPushed, lookups, nextLookup: seconds, timeToLive }) {
  if (isPushed) return ["not needed", "the source tells every change"];
  if (lookups === 0) return ["with the first request", ""];
  const kept = timeToLive === null ? "" : `the answer may be kept for ${Math.round(timeToLive)} s`;
  if (seconds === null) return ["when a connection ends", kept];
  return [`in ${Math.max(0, Math.ceil(seconds))} s`, kept];
}

function showAddresses({ addresses }) {
  const place = find('[data-fact="addresses"]');
  if (addresses.length === 0) return setText(place, "none");
  if (!find("ul", place)) place.replaceChildren(element("ul", { class: "addresses" }));
  // DNS turns the order round with each answer; here each keeps its place.
  reconcile(find("ul", place), [...addresses].sort(byNumber), (address) => address, () => element("li"), setText);
}

function byNumber(a, b) {
  return a.localeCompare(b, "en", { numeric: true });
}

function makeRow({ address }) {
  return element(
    "tr", {}, element("th", { scope: "row", text: address }), element("td", {}, element("span", { class: "state" })),
    element("td", { class: "number" }), element("td", { class: "number" }), element("td", { class: "event" }));
}

function updateRow(row, { state, picks, inFlight, lastError, lastGoAway }) {
  setData(row, "state", state);
  const [name, picked, waiting, event] = row.querySelectorAll("td");
  setText(name.firstChild, state);
  setText(picked, figure(picks));
  setText(waiting, figure(inFlight));
  setText(event, [lastGoAway, lastError].filter(Boolean).join("; ") || "–");
}
