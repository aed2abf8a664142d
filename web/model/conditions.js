// What keeps a pod from serving as the others do, in words. No DOM and no network.

import { ago, count, figure, latency, list, podLabel, span } from "./words.js";

/**
 * The gravest that is so, or null: `kind` is "ejected" (a policy keeps calls away), "not-serving" (its own health
 * service says so), "failing" or "slow" (on purpose, by `samplectl trouble`); `word` is for where there is little room.
 */
export function conditionOf({ ejection, notServing, trouble }) {
  if (ejection) return { kind: "ejected", word: "ejected" };
  if (notServing) return { kind: "not-serving", word: "not serving" };
  if (!trouble) return null;
  return /\bfail=/.test(trouble) ? { kind: "failing", word: "fails" } : { kind: "slow", word: "slow" };
}

/** All of it, each as a text. */
export function conditionTexts({ ejection, notServing, trouble, troubleAgo, state }) {
  const texts = [];
  if (ejection) texts.push(ejectionText(ejection));
  if (notServing) texts.push(`gets no calls: ${notServing}`);
  if (trouble) {
    // Of one that gets no call the last answer may be long ago.
    const heard = ago(troubleAgo);
    const isQuiet = state === "idle" || state === "silent";
    const when = heard === "" ? "" : `, first said ${heard}`;
    texts.push(`${troubleText(trouble)}, on purpose${isQuiet ? ", by its last answer" : ""}${when}`);
  }
  return texts;
}

/** `delay=200ms fail=0.2 code=ABORTED`, as grpc-server says it in `x-trouble`. */
export function troubleText(trouble) {
  const [all, , delay, , fail, , code] = /^(delay=(\S+))?( ?fail=([\d.]+))?( code=([A-Z_]+))?$/.exec(trouble) ?? [];
  if (!all) return `makes trouble (${trouble})`;
  const share = Number(fail) === 1 ? "all" : `${figure(100 * Number(fail))} %`;
  const parts = [];
  if (delay) parts.push(`waits ${delay} before each call`);
  if (fail) parts.push(`fails ${share} of ${delay ? "them" : "its calls"}${code ? ` with ${code}` : ""}`);
  return parts.join(" and ");
}

function ejectionText({ left, failed, calls, by, of }) {
  const who = by < of ? ` by ${by === 1 ? "one" : figure(by)} of ${figure(of)} channels` : "";
  return `ejected${who}, ${span(left * 1000)} left: ${figure(failed)} of ${figure(calls)} calls failed`;
}

/** What the policy goes by at present, in a line; empty for one that goes by nothing. `view` is of model/gateways.js. */
export function policyLine(view) {
  if (!view) return "";
  const servers = view.accounts.flatMap(({ facts }) => facts.subchannels);
  const name = (server) => {
    const address = hostOf(server.address);
    return podLabel(view.pods?.find((pod) => pod.address === address) ?? { name: null, address });
  };
  const told = [ejections(view), extremes(view, servers, name), retries(view)].filter(Boolean);
  return told.map((text) => `${text}.`).join(" ");
}

function ejections({ policy, childPolicy, pods }) {
  if (policy !== "outlier_detection") return "";
  const ejected = (pods ?? []).filter(({ ejection }) => ejection);
  const around = `outlier_detection${childPolicy ? ` around ${childPolicy}` : ""}`;
  if (ejected.length === 0) return `${around}: nobody is ejected`;
  const each = ejected.map((pod) => `${podLabel(pod)} for ${span(pod.ejection.left * 1000)} more`);
  return `${around}: ${count(ejected.length, "pod")} ${ejected.length === 1 ? "is" : "are"} ejected, ${list(each)}`;
}

/** The least and the greatest of what is known of servers. */
function extremes({ chooser }, servers, name) {
  const between = (known, format) => {
    const [least, most] = [known[0], known.at(-1)];
    return `${format(least)} (${name(least)}) to ${format(most)} (${name(most)})`;
  };
  const known = (key) => servers.filter((server) => server[key] !== null).sort((a, b) => a[key] - b[key]);
  if (chooser === "weighted_round_robin") {
    const weights = known("weight");
    if (weights.length < 2) return "weighted_round_robin: no two load reports that count yet, so each in turn";
    const all = between(weights, ({ weight }) => figure(Math.round(weight)));
    return `weighted_round_robin: a server that is all busy makes ${all} calls a second`;
  }
  if (chooser === "peak_ewma") {
    const times = known("latency");
    if (times.length < 2) return "peak_ewma: too few answers yet to compare";
    return `peak_ewma: answers take ${between(times, (server) => latency(server.latency))}`;
  }
  if (chooser !== "least_request") return "";
  const underWay = servers.map(({ inFlight }) => inFlight);
  return `least_request: ${figure(Math.max(0, ...underWay))} under way at most at one server`;
}

function retries({ retryTokens }) {
  if (!retryTokens) return "";
  const { tokens, most, isThrottling } = retryTokens;
  const why = isThrottling ? ": too few, so nothing is tried again for now" : "";
  return `${figure(tokens)} of ${figure(most)} tokens for retries are left${why}`;
}

/** "10.0.0.1:8080" → "10.0.0.1", "[fd00::1]:8080" → "fd00::1" */
export function hostOf(address) {
  return address.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
