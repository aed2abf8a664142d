// What is seen, in plain words. Why it is so is told by model/reasons.js. No DOM and no network.

import { troubleText } from "./conditions.js";
import { reasonForOne, reasonForSeveral } from "./reasons.js";
import { isLively } from "./tally.js";
import { capital, count, inWords, list, many, noun, percent, podLabel, sentence, shortName, span } from "./words.js";

/** What has just happened is told for this long, in milliseconds. */
const NEWS_FOR = 15_000;

/**
 * `phase` is "idle" (nothing sent yet), "running" or "stopped"; `snapshot` is the tally's, `rows` are the roster's;
 * `channel` the view of model/gateways.js, or null with `channelProblem` saying why; `at` is the time of the snapshot.
 * The result:
 *  - `kind`: "idle", "waiting", "failing", "one", "even", "uneven" or "several"
 *  - `headline`, and `reason` and `advice`, which may be empty
 *  - `news`: what has just happened, { text, tone: "good" or "bad" }
 *  - `cause`: "addresses" or "connections", where the way gets narrow; null if it does not
 *  - `pods`: how many pods the headline says answer; null if it says nothing of them
 */
export function describe({ phase, snapshot, rows, channel, channelProblem = "", at }) {
  const about = { snapshot, rows, channel, channelProblem, isPast: phase === "stopped" };
  const said = { cause: null, advice: "", news: [], pods: null, ...finding(phase, about) };
  if (phase === "running") said.news = news(snapshot, rows, channel, at);
  if (phase === "stopped") said.headline = `Stopped. ${said.headline}`;
  return said;
}

function finding(phase, about) {
  const { snapshot } = about;
  if (phase === "idle") return idle(about);
  if (snapshot.answers + snapshot.failed === 0) {
    return { kind: "waiting", headline: "Waiting for the first answer …", reason: "" };
  }
  if (snapshot.isFailing) return failing(about);
  if (snapshot.active.length === 0) return { kind: "several", headline: "Too few answers to tell.", reason: "" };
  const pods = snapshot.active.length;
  return { ...(pods === 1 ? one(about) : several(about)), pods };
}

/** How many pods there are, whether they answer or not. */
function all(rows) {
  return rows.filter(({ isListed, state }) => isListed || isLively(state)).length;
}

/** "five pods", or "five of ten pods" when others are idle. */
function ofAll(number, rows) {
  const total = all(rows);
  return number < total ? `${inWords(number)} of ${count(total, "pod")}` : count(number, "pod");
}

function idle({ rows }) {
  const pods = all(rows);
  const spread = pods > 1 ? `spread over all ${inWords(pods)} pods` : "spread over all pods";
  return {
    kind: "idle",
    headline: "Press Start and see which pods answer.",
    reason: `Do the requests ${spread}, or does one pod get them all? The page shows it, and says why.`,
  };
}

function failing({ snapshot, channel, isPast }) {
  const { code, message } = snapshot.failures;
  const now = snapshot.active.length === 0 ? "Every request fails" : "Most requests fail";
  const what = isPast ? "The last requests failed" : now;
  const cause = channel?.ready === 0 ? "connections" : null;
  return { kind: "failing", headline: `${what}: ${code}.`, reason: sentence(message), cause };
}

function one(about) {
  const { snapshot, rows, isPast } = about;
  const where = all(rows) > 1 ? `one of ${count(all(rows), "pod")}` : "one pod";
  if (snapshot.answers === 1) return { kind: "one", headline: "One answer so far.", reason: "Too few to tell." };
  const wereOthers = snapshot.pods.some(({ recent, state }) => recent > 0 && !isLively(state));
  const go = { present: wereOthers ? "now go" : "go", past: wereOthers ? "went at last" : "went" };
  const headline = `All requests ${isPast ? go.past : go.present} to ${where}.`;
  return { kind: "one", headline, ...reasonForOne(about) };
}

function several(about) {
  const { snapshot, rows, isPast } = about;
  const { active, answers } = snapshot;
  const answer = `${capital(ofAll(active.length, rows))} ${isPast ? "answered" : "answer"}`;
  const { reason, advice = "" } = reasonForSeveral(about);
  const why = { reason, advice };
  if (snapshot.hasNewcomers) return { kind: "several", headline: `${answer}, ${newcomers(active)}.`, ...why };
  if (snapshot.isEven) return { kind: "even", headline: `${answer} evenly.`, ...why };
  if (!snapshot.isUneven) return { kind: "several", headline: `${answer}.`, ...why };
  const [busiest] = active;
  const share = percent(busiest.recent / answers);
  const got = `pod ${shortName(busiest.name)} ${isPast ? "had" : "has"} ${share} of the answers`;
  return { kind: "uneven", headline: `${answer}, but not evenly: ${got}.`, ...why };
}

function newcomers(active) {
  const come = active.filter(({ state }) => state !== "answering");
  const isBack = come.every(({ state }) => state === "back");
  return `${inWords(come.length)} of them ${isBack ? "again" : "new"}`;
}

/** What has just happened: pods that came or fell silent, and errors among the answers. */
function news(snapshot, rows, channel, at) {
  const isFresh = ({ lastSeen }) => lastSeen !== null && at - lastSeen < NEWS_FOR;
  const isQuiet = (row) => row.state === "silent" || (row.state === "idle" && row.count > 0);
  const silent = rows.filter((row) => isQuiet(row) && isFresh(row) && !row.ejection);
  const come = rows.filter(({ state }) => state === "new" || state === "back");
  const told = [];
  const isSingle = snapshot.active.length <= 1;
  const move = isSingle && !snapshot.isFailing ? moved(snapshot, silent, channel, at) : null;
  if (move) told.push({ tone: "bad", text: move });
  else if (silent.length > 0) told.push({ tone: "bad", text: stopped(silent, at) });
  if (!isSingle && come.length > 0) told.push({ tone: "good", text: arrived(come) });
  told.push(...fallen(rows, isSingle));
  if (snapshot.failures && !snapshot.isFailing) {
    const { count: failures, code, message } = snapshot.failures;
    told.push({ tone: "bad", text: `${many(failures, "request")} failed lately: ${code}: ${sentence(message)}` });
  }
  return told;
}

/** With one connection a pod that falls silent need not be gone: the next connection has reached another one. */
function moved(snapshot, silent, channel, at) {
  const [current] = snapshot.active;
  const before = [...silent].sort((a, b) => b.lastSeen - a.lastSeen)[0];
  if (!current || !before || Math.abs(current.since - before.lastSeen) > 2_000) return null;
  const isSingle = channel && channel.subchannels.length <= 1;
  const connection = isSingle ? "its connection ended, and the next one" : "the next connection";
  const [from, to] = [shortName(before.name), shortName(current.name)];
  return `Until ${span(at - before.lastSeen)} ago it was pod ${from}; then ${connection} reached pod ${to}.`;
}

function stopped(silent, at) {
  const latest = Math.max(...silent.map(({ lastSeen }) => lastSeen));
  return `${names(silent)} stopped answering ${span(at - latest)} ago.`;
}

/** Who has been ejected of late, or has said that it makes trouble; where several answer, the advice says that. */
function fallen(rows, isSingle) {
  const isFresh = (seconds) => seconds !== null && seconds * 1000 < NEWS_FOR;
  const there = rows.filter(({ isListed }) => isListed);
  const ejected = there.filter(({ ejection }) => ejection && isFresh(ejection.since));
  const troubled = there.filter(({ trouble, troubleAgo }) => isSingle && trouble && isFresh(troubleAgo));
  const failed = ({ ejection }) => `${ejection.failed} of ${ejection.calls} calls failed`;
  return [
    ...ejected.map((pod) => `Pod ${podLabel(pod)} is ejected: ${failed(pod)}.`),
    ...troubled.map((pod) => `Pod ${podLabel(pod)} ${troubleText(pod.trouble)}, on purpose.`),
  ].map((text) => ({ tone: "bad", text }));
}

function arrived(come) {
  const isBack = come.every(({ state }) => state === "back");
  return `${names(come)} ${come.length === 1 ? "answers" : "answer"} ${isBack ? "again" : "now, too"}.`;
}

function names(pods) {
  if (pods.length > 3) return capital(count(pods.length, "pod"));
  return `${capital(noun(pods.length, "pod"))} ${list(pods.map(({ name }) => shortName(name)))}`;
}
