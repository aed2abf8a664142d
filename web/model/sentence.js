// What is seen, in plain words, and why. No DOM and no network.
//
// The reason is taken from the facts of the gateway's channel, never guessed from the answers alone: how many
// addresses the target resolves to, the policy, and how many connections are READY.

import { sum } from "./statistics.js";
import { capital, count, inWords, list, many, noun, percent, shortName, span } from "./words.js";

/** What has just happened is told for this long, in milliseconds. */
const NEWS_FOR = 15_000;

/**
 * `phase` is "idle" (nothing sent yet), "running" or "stopped"; `recent` and `rows` are the tally's; `channel` the
 * facts of model/channel.js, or null with `channelProblem` saying why. The result:
 *  - `kind`: "idle", "waiting", "failing", "one", "even", "uneven" or "several"
 *  - `headline`, and `reason` and `advice`, which may be empty
 *  - `news`: what has just happened, { text, tone: "good" or "bad" }
 *  - `cause`: "addresses" or "connections", where the way gets narrow; null if it does not
 */
export function describe({ phase, recent, rows, channel, channelProblem = "", now }) {
  const is = phase === "stopped" ? past : present;
  const about = { recent, rows, channel, channelProblem, is };
  const said = { cause: null, advice: "", news: [], ...finding(phase, about) };
  if (phase === "running") said.news = news(recent, rows, channel, now);
  if (phase === "stopped") said.headline = `Stopped. ${said.headline}`;
  return said;
}

const present = "present";
const past = "past";

function finding(phase, about) {
  const { recent } = about;
  if (phase === "idle") return idle();
  if (recent.answers === 0 && !recent.failures) {
    return { kind: "waiting", headline: "Waiting for the first answer …", reason: "" };
  }
  if (recent.isFailing) return failing(about);
  if (recent.active.length === 0) return { kind: "several", headline: "Too few answers to tell.", reason: "" };
  if (!recent.isMixed) return one(about);
  return { ...several(about), reason: reasonForSeveral(about) };
}

function several({ recent, is }) {
  const answer = `${capital(count(recent.active.length, "pod"))} ${is === past ? "answered" : "answer"}`;
  if (recent.isEven) return { kind: "even", headline: `${answer} evenly.` };
  if (!recent.isUneven) return { kind: "several", headline: `${answer}.` };
  const [busiest] = recent.active;
  const share = percent(busiest.count / sum(recent.active.map((pod) => pod.count)));
  const got = `pod ${shortName(busiest.name)} ${is === past ? "had" : "has"} ${share} of the answers`;
  return { kind: "uneven", headline: `${answer}, but not evenly: ${got}.` };
}

function idle() {
  return {
    kind: "idle",
    headline: "Press Start and see which pods answer.",
    reason: "Do the requests spread over all pods, or does one pod get them all? The page shows it, and says why.",
  };
}

function failing({ recent, channel, is }) {
  const { code, message } = recent.failures;
  const now = recent.active.length === 0 ? "Every request fails" : "Most requests fail";
  const what = is === past ? "The last requests failed" : now;
  const cause = channel?.ready === 0 ? "connections" : null;
  return { kind: "failing", headline: `${what}: ${code}.`, reason: sentence(message), cause };
}

function one(about) {
  const { recent, rows, is } = about;
  if (recent.answers === 1) return { kind: "one", headline: "One answer so far.", reason: "Too few to tell." };
  const { reason, advice = "", cause = null } = reasonForOne(about);
  const went = rows.length > 1 ? "The last requests all went to one pod" : "All requests went to one pod";
  const headline = is === past ? `${went}.` : "All requests go to one pod.";
  return { kind: "one", headline, reason: reason + otherGateways(recent), advice, cause };
}

function reasonForOne({ recent, channel, channelProblem }) {
  if (!channel) return { reason: unknown(channelProblem) };
  const { addresses, addressKind, policy, ready } = channel;
  if (addresses.length === 0) return { reason: withoutAddress(channel) };
  const roundRobin = "headless Service and policy round_robin";
  if (addresses.length === 1) {
    const because = "The gateway’s channel has one connection, because its target resolves to one address";
    if (addressKind === "given") return { reason: `${because}, ${addresses[0]}.`, cause: "addresses" };
    if (addressKind === "proxy") {
      return {
        reason: `${because}: a proxy’s, ${addresses[0]}, which chooses a pod for each request. It chose the same one: `
          + "is there another that is ready?",
        cause: "addresses",
      };
    }
    if (addressKind === "pod" && channel.isPushed) {
      return { reason: `${because}: at present just one pod is registered and ready.`, cause: "addresses" };
    }
    if (addressKind === "pod") {
      // Whether there are more by now the channel cannot know.
      const why = "a headless name lists every ready pod, and at the last look-up there was just one";
      const next = channel.nextLookup === null
        ? "when the connection ends, for only then the gateway looks again"
        : "at the next look-up";
      const advice = `Pods that have come since are found ${next}.`;
      return { reason: `${because}: ${why}.`, advice, cause: "addresses" };
    }
    const useless = policy === "round_robin" ? " Policy round_robin has nothing to take turns between." : "";
    return {
      reason: `${because}, a virtual IP. A pod is chosen once for a connection, not for each request.${useless}`,
      advice: `What spreads them: a ${roundRobin}, so that the gateway knows every pod.`,
      cause: "addresses",
    };
  }
  if (policy === "pick_first") {
    return {
      reason: `The target resolves to ${count(addresses.length, "address")}, but policy pick_first uses one of them, `
        + `as long as its connection lasts. The ${others(addresses.length - 1)} idle.`,
      advice: "What spreads them: policy round_robin, which connects to every address and takes turns.",
      cause: "connections",
    };
  }
  if (ready <= 1) {
    return {
      reason: `The target resolves to ${count(addresses.length, "address")}, but only ${count(ready, "connection")} `
        + `${ready === 1 ? "is" : "are"} READY.`,
      cause: "connections",
    };
  }
  const connections = `${capital(count(ready, "connection"))} are READY`;
  if (recent.answers < 4 * ready) return { reason: `${connections}: too few answers to tell.` };
  return { reason: `${connections}, and yet all answers name the same pod: do all addresses lead to it?` };
}

function others(number) {
  return number === 1 ? "other one is" : `other ${inWords(number)} are`;
}

function reasonForSeveral({ recent, channel, channelProblem }) {
  if (!channel) return unknown(channelProblem);
  const { addresses, addressKind, policy, ready } = channel;
  if (addresses.length > 1 && policy !== "pick_first") {
    const connections = ready === addresses.length
      ? "the gateway has a connection to each"
      : `${ready} of the ${addresses.length} connections are READY`;
    const turns = `policy ${policy} ${policy === "round_robin" ? "takes turns" : "chooses for each request"}`;
    return `The target resolves to ${count(addresses.length, "address")}, ${connections}, and ${turns}.`
      + otherGateways(recent);
  }
  if (recent.gateways > 1 && addressKind !== "proxy") {
    return `Each of the ${count(recent.gateways, "gateway")} has one connection of its own, and each connection `
      + "reached a pod of its own.";
  }
  const [address = "its target"] = addresses;
  const mode = channel.mode && addressKind === "proxy" ? ` (mode ${channel.mode})` : "";
  return `The gateway has one connection only, to ${address}: a proxy behind it spreads the requests${mode}.`;
}

function otherGateways({ gateways }) {
  return gateways > 1 ? ` (${capital(count(gateways, "gateway"))} answer; this is what one of them says.)` : "";
}

function unknown(problem) {
  return `The gateway does not say why: its channel cannot be seen${problem ? ` (${problem})` : ""}.`;
}

function withoutAddress({ lastError }) {
  return `The gateway has no address for its target at present${lastError ? `: ${lastError}` : ""}.`;
}

/** What has just happened: pods that came or fell silent, and errors among the answers. */
function news(recent, rows, channel, now) {
  const isFresh = (at) => now - at < NEWS_FOR;
  const silent = rows.filter(({ state, lastSeen }) => state === "silent" && isFresh(lastSeen));
  const come = rows.filter(({ state }) => state === "new" || state === "back");
  const told = [];
  const move = recent.isMixed || recent.isFailing ? null : moved(recent, silent, channel, now);
  if (move) told.push({ tone: "bad", text: move });
  else if (silent.length > 0) told.push({ tone: "bad", text: stopped(silent, now) });
  if (recent.isMixed && come.length > 0) told.push({ tone: "good", text: arrived(come) });
  if (recent.failures && !recent.isFailing) {
    const { count: failures, code, message } = recent.failures;
    told.push({ tone: "bad", text: `${many(failures, "request")} failed lately: ${code}: ${sentence(message)}` });
  }
  return told;
}

/** With one connection a pod that falls silent need not be gone: the next connection has reached another one. */
function moved(recent, silent, channel, now) {
  const [current] = recent.active;
  const before = silent.sort((a, b) => b.lastSeen - a.lastSeen)[0];
  if (!current || !before || Math.abs(current.since - before.lastSeen) > 2_000) return null;
  const isSingle = channel && channel.subchannels.length <= 1;
  const connection = isSingle ? "its connection ended, and the next one" : "the next connection";
  const [from, to] = [shortName(before.name), shortName(current.name)];
  return `Until ${span(now - before.lastSeen)} ago it was pod ${from}; then ${connection} reached pod ${to}.`;
}

function stopped(silent, now) {
  const latest = Math.max(...silent.map(({ lastSeen }) => lastSeen));
  return `${names(silent)} stopped answering ${span(now - latest)} ago.`;
}

function arrived(come) {
  const isBack = come.every(({ state }) => state === "back");
  return `${names(come)} ${come.length === 1 ? "answers" : "answer"} ${isBack ? "again" : "now, too"}.`;
}

function names(pods) {
  if (pods.length > 3) return capital(count(pods.length, "pod"));
  return `${capital(noun(pods.length, "pod"))} ${list(pods.map(({ name }) => shortName(name)))}`;
}

/** A message of the gateway with a full stop. */
function sentence(message) {
  const text = message.trim();
  return text === "" || /[.!?…]$/.test(text) ? text : `${text}.`;
}
