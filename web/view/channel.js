// The gateways' channels: what they know, and what they are connected to.

import { ago, count, figure, latency, list, many, nameParts, span } from "../model/words.js";
import { sum } from "../model/statistics.js";
import { element, find, reconcile, setBreakable, setData, setHidden, setText } from "./dom.js";

const section = find("#channel");

const policies = {
  pick_first: "one address, for all requests",
  round_robin: "each address, in turns",
  least_request: "of two addresses, the one with fewer requests under way",
  weighted_round_robin: "each address, in turns, as often as its load allows",
  peak_ewma: "of two addresses, the one that answers faster",
  outlier_detection: "each address, in turns, but not those that fail",
};

/** `view` is that of model/gateways.js; with a problem the last known facts stay, dimmed. */
export function showChannel(view, problem) {
  setData(section, "stale", problem !== null);
  setHidden(find("#channel-problem"), problem === null);
  setText(find("#channel-problem"), `The gateway’s channel cannot be seen: ${problem}`);
  if (view) showFacts(view);
}

function showFacts(view) {
  const { gateways, accounts } = view;
  setText(find("#channel-title"), gateways.length > 1 ? "The gateways’ gRPC channels" : "The gateway’s gRPC channel");
  fact("gateways", figure(gateways.length), list(gateways));
  setData(find("[data-fact=gateways]"), "value", gateways.length);
  fact("target", view.target, otherTargets(view));
  fact("mode", view.mode ?? "not said");
  const around = view.childPolicy ? `around ${view.childPolicy}: not those that fail; of the others ` : "";
  fact("policy", view.policy, `${around}${policies[view.chooser] ?? ""}`);
  fact("config", view.methods > 0 ? `for ${many(view.methods, "method")}` : "none for methods", health(view));
  showRetries(view);
  const queued = sum(accounts.map(({ facts }) => facts.queued));
  const idleReason = accounts.map(({ facts }) => facts.idleReason).find((reason) => reason) ?? "";
  fact("state", view.state, queued > 0 ? `${many(queued, "request")} waiting` : idleReason);
  fact("lookups", view.lookups === 0 ? "none" : figure(view.lookups), lastLookup(view));
  fact("next", ...nextLookup(view));
  fact("source", ...podSource(view));
  showAddresses(view);
  const rows = accounts.flatMap(({ gateway, facts }) => facts.subchannels.map((one) => ({ gateway, ...one })));
  setHidden(find("#subchannels"), rows.length === 0);
  setHidden(find("#subchannels-empty"), rows.length > 0);
  setData(find("#subchannels"), "several", gateways.length > 1);
  setData(find("#subchannels"), "known", rows.some((row) => known(row) !== ""));
  reconcile(
    find("#subchannels tbody"), rows, ({ gateway, address }, index) => `${gateway} ${address} ${double(rows, index)}`,
    makeRow, updateRow);
  const picks = sum(rows.map((row) => row.picks));
  setData(find("#picks-total"), "value", picks);
  setText(find("#picks-total"), figure(picks));
  setText(find("#in-flight-total"), figure(sum(rows.map((row) => row.inFlight))));
}

function health({ healthService }) {
  return healthService === null ? "" : `servers are asked for their health${healthService && ` (${healthService})`}`;
}

function showRetries({ retryTokens }) {
  setHidden(find("[data-fact=retries]").parentElement, retryTokens === null);
  if (retryTokens === null) return;
  const { tokens, most, isThrottling } = retryTokens;
  const remark = isThrottling ? "too few: nothing is tried again for now" : "";
  fact("retries", `${figure(tokens)} of ${figure(most)} tokens`, remark);
}

/** What the policy knows of the server at the other end. */
function known({ weight, latency: takes, ejection, health: state }) {
  const told = [];
  if (ejection) told.push(`ejected, ${span(ejection.left * 1000)} left`);
  if (state === "NOT_SERVING") told.push("not serving");
  if (weight !== null) told.push(`${figure(Math.round(weight))} calls a second`);
  if (takes !== null) told.push(`answers take ${latency(takes)}`);
  return told.join(", ");
}

/** Several event loops have a subchannel each for the same address. */
function double(rows, index) {
  const { gateway, address } = rows[index];
  return rows.slice(0, index).filter((row) => row.gateway === gateway && row.address === address).length;
}

/** During a change of modes gateways differ. */
function otherTargets({ target, accounts }) {
  const others = accounts.filter(({ facts }) => facts.target !== target);
  return others.map(({ gateway, facts }) => `${nameParts(gateway).own}: ${facts.target}`).join("; ");
}

function fact(name, text, remark = "") {
  const place = find(`[data-fact="${name}"]`);
  if (place.children.length === 0) place.replaceChildren(element("span"), " ", element("small", { class: "quiet" }));
  setBreakable(place.children[0], text);
  setText(place.children[1], remark);
}

function lastLookup({ lastLookup: seconds, lastError, lastErrorAgo }) {
  const last = seconds === null ? "" : `the last ${ago(seconds)}`;
  if (!lastError) return last;
  const when = lastErrorAgo === null ? "the last failed" : `${last}; one failed ${ago(lastErrorAgo)}`;
  return `${when}: ${lastError}`;
}

function nextLookup({ isPushed, lookups, addresses, nextLookup: seconds, timeToLive }) {
  if (isPushed) return ["not needed", "the source tells every change"];
  if (lookups === 0 && addresses.length > 0) return ["not needed", "the target is an address"];
  if (lookups === 0) return ["with the first request", ""];
  const kept = timeToLive === null ? "" : `the answer may be kept for ${Math.round(timeToLive)} s`;
  if (seconds === null) return ["when a connection ends", kept];
  return [`in ${Math.max(0, Math.ceil(seconds))} s`, kept];
}

/** Where the page has all pods from, those that the channel does not know included. */
function podSource({ pods, podSource: source }) {
  if (pods === null) return ["not said", ""];
  const problem = source?.lastError ? `the last look-up failed: ${source.lastError}` : source?.target ?? "";
  return [count(pods.length, "pod"), problem];
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

function makeRow() {
  return element(
    "tr", {}, element("th", { scope: "row" }), element("td", { class: "gateway" }),
    element("td", {}, element("span", { class: "state" })),
    element("td", { class: "number" }), element("td", { class: "number" }), element("td", { class: "known" }),
    element("td", { class: "event" }));
}

function updateRow(row, { address, gateway, state, picks, inFlight, ...events }) {
  setData(row, "state", state);
  setText(row.firstChild, address);
  const [who, name, picked, waiting, what, event] = row.querySelectorAll("td");
  setText(who, nameParts(gateway).own);
  setText(name.firstChild, state);
  setText(picked, figure(picks));
  setText(waiting, figure(inFlight));
  setText(what, known(events));
  const { lastGoAway, lastGoAwayAgo, lastError, lastErrorAgo } = events;
  setText(event, [told(lastGoAway, lastGoAwayAgo), told(lastError, lastErrorAgo)].filter(Boolean).join("; ") || "–");
  setData(event, "empty", event.textContent === "–");
}

/** What is past is told with its age. */
function told(text, seconds) {
  if (!text) return "";
  return seconds === null ? text : `${ago(seconds)}: ${text}`;
}
