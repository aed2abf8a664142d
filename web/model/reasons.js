// Why the answers come from where they come. No DOM and no network.
//
// The reason is taken from the facts of the gateway's channel, never guessed from the answers alone: how many
// addresses the target resolves to, the policy, how many connections are READY, and which pods the channel knows.

import { troubleText } from "./conditions.js";
import { capital, count, inWords, list, podLabel, span } from "./words.js";

/** { reason, advice, cause }: why one pod gets everything. */
export function reasonForOne({ snapshot, rows, channel, channelProblem }) {
  if (!channel) return { reason: unknown(channelProblem) };
  const { addresses, chooser, ready } = channel;
  if (addresses.length === 0) return { reason: withoutAddress(channel) };
  if (addresses.length === 1) return reasonForOneAddress(channel, rows);
  if (chooser === "pick_first") {
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
  if (snapshot.answers < 4 * ready) return { reason: `${connections}: too few answers to tell.` };
  return { reason: `${connections}, and yet all answers name the same pod: do all addresses lead to it?` };
}

function reasonForOneAddress(channel, rows) {
  const { addresses, addressKind, policy } = channel;
  const because = "The gateway’s channel has one connection, because its target resolves to one address";
  const cause = "addresses";
  if (addressKind === "given") return { reason: `${because}, ${addresses[0]}.`, cause };
  if (addressKind === "proxy") {
    const why = `a proxy’s, ${addresses[0]}, which chooses a pod for each request. It chose the same one`;
    return { reason: `${because}: ${why}${rows.length > 1 ? "." : ": is there another that is ready?"}`, cause };
  }
  if (addressKind === "pod" && channel.isPushed) {
    return { reason: `${because}: at present just one pod is registered and ready.`, cause };
  }
  if (addressKind === "pod") {
    const why = "a headless name lists every ready pod, and at the last look-up there was just one";
    const advice = `Pods that have come since are found ${nextLookup(channel)}.`;
    return { reason: `${because}: ${why}.`, advice, cause };
  }
  const useless = policy === "round_robin" ? " Policy round_robin has nothing to take turns between." : "";
  return {
    reason: `${because}, a virtual IP. A pod is chosen once for a connection, not for each request.${useless}`,
    advice: "What spreads them: a headless Service and policy round_robin, so that the gateway knows every pod.",
    cause,
  };
}

function nextLookup({ nextLookup: seconds }) {
  if (seconds === null) return "when the connection ends, for only then the gateway looks again";
  return "at the next look-up";
}

function others(number) {
  return number === 1 ? "other one is" : `other ${inWords(number)} are`;
}

/** { reason, advice }: why several pods answer, and why others do not. */
export function reasonForSeveral({ snapshot, rows, channel, channelProblem }) {
  if (!channel) return { reason: unknown(channelProblem) };
  const advice = [idleOnes(rows, channel), troubledOnes(rows, channel)].filter(Boolean).join(" ");
  return { reason: spread(snapshot, channel), advice };
}

/** What the policy does about pods that make trouble on purpose. */
const reactions = {
  round_robin: "takes no notice",
  weighted_round_robin: "takes notice only of what keeps a pod busy",
  least_request: "gives it fewer calls while others are quicker",
  peak_ewma: "gives it hardly any call",
};

function othersMake(number) {
  return number === 1 ? "another one makes" : `${inWords(number)} others make`;
}

function troubledOnes(rows, channel) {
  const troubled = rows.filter(({ trouble, isListed }) => trouble && isListed);
  if (troubled.length === 0) return "";
  const [pod] = troubled;
  const more = troubled.length > 1 ? `, and ${othersMake(troubled.length - 1)} trouble, too` : "";
  const what = `Pod ${podLabel(pod)} ${troubleText(pod.trouble)}, on purpose${more}`;
  const reaction = channel.addressKind === "pod" && !pod.ejection ? reactions[channel.chooser] : undefined;
  return reaction ? `${what}; policy ${channel.chooser} ${reaction}.` : `${what}.`;
}

function spread(snapshot, channel) {
  const { addresses, addressKind, policy, chooser, ready } = channel;
  const gateways = snapshot.gateways.length;
  const each = gateways > 1 ? `each of the ${count(gateways, "gateway")}` : "the gateway";
  if (addresses.length > 1 && chooser !== "pick_first") {
    const isWhole = ready === addresses.length;
    const connections = isWhole ? `${each} has a connection to each`
      : `${ready} of the ${addresses.length} connections are READY`;
    const within = chooser === policy ? "" : ` within ${policy}`;
    const way = chooser === "round_robin" ? "takes turns" : "chooses for each request";
    const turns = `policy ${chooser}${within} ${way}`;
    return `The target resolves to ${count(addresses.length, "address")}, ${connections}, and ${turns}.`;
  }
  if (gateways > 1 && addressKind !== "proxy") {
    return `${capital(each)} has one connection of its own, and each connection reached a pod of its own.`;
  }
  const [address = "its target"] = addresses;
  const mode = channel.mode && addressKind === "proxy" ? ` (mode ${channel.mode})` : "";
  return `${capital(each)} has one connection only, to ${address}: a proxy behind it spreads the requests${mode}.`;
}

/** Why some of the pods behind the Service get nothing. */
function idleOnes(rows, channel) {
  const idle = rows.filter(({ isListed, state }) => isListed && state === "idle");
  if (idle.length === 0) return "";
  const are = `${capital(count(idle.length, "pod"))} ${idle.length === 1 ? "is" : "are"} idle`;
  const { addressKind, isPushed, chooser } = channel;
  if (addressKind === "proxy") return `${are}: the proxy sends nothing there yet.`;
  if (addressKind === "service") return `${are}: no connection has reached ${idle.length === 1 ? "it" : "them"}.`;
  if (chooser === "pick_first") return `${are}: policy pick_first uses one address for each connection.`;
  const kept = idle.filter(({ ejection, notServing }) => ejection || notServing);
  if (kept.length > 0) {
    const each = kept.map((pod) => `${podLabel(pod)} ${pod.ejection ? "is ejected" : "says that it is not serving"}`);
    return `${are}: ${list(each)}.`;
  }
  if (idle.every(({ isKnown }) => isKnown)) {
    const isReached = idle.every(({ isConnected }) => isConnected);
    return `${are}: ${isReached ? "connected, and not chosen yet" : "known, and not connected yet"}.`;
  }
  if (isPushed) return `${are}: the gateway has not heard of ${idle.length === 1 ? "it" : "them"} yet.`;
  if (channel.lastLookup === null) return `${are}.`;
  const looked = `the gateway looked the name up ${span(channel.lastLookup * 1000)} ago`;
  const again = channel.nextLookup === null ? "looks again when a connection ends" : "will soon look again";
  return `${are}: ${looked}, and ${again}.`;
}

function unknown(problem) {
  return `The gateway does not say why: its channel cannot be seen${problem ? ` (${problem})` : ""}.`;
}

function withoutAddress({ lastError }) {
  return `The gateway has no address for its target at present${lastError ? `: ${lastError}` : ""}.`;
}
