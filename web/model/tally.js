// What has been answered so far, by whom, and who has fallen silent. No DOM and no network; time is a parameter, in
// milliseconds of any clock that only goes forward.

import { isEven, sum, summary } from "./statistics.js";

/** What counts as recent: the last 10 s, but at least 30 requests if they are less than a minute old. */
const WINDOW = 10_000;
const FEWEST = 30;
const LONGEST = 60_000;

/** A pod is silent when so many requests for each live pod were answered without it, and it was heard 2 s ago. */
const MISSED = 10;
const SILENT_AFTER = 2_000;
/** More than this between two completed requests is a pause. */
const LONGEST_STEP = 1_000;
/** A silent pod makes room for the others after this. */
const GONE_AFTER = 15_000;
/** A pod is called new for this long. */
const NEW_FOR = 10_000;

/** Bounds what a page that stays open for weeks remembers. Answers of further pods are counted under one name. */
const MOST_PODS = 200;
const OTHERS = "(further pods)";
const MOST_PROBLEMS = 20;

export class Tally {
  #pods = new Map(); // name → its facts, in the order of arrival
  #problems = new Map(); // text → { code, status, message, count, at }
  #recent = []; // { at, pod, ms } or { at, problem }, the oldest first
  #gateways = new Map(); // name → when last heard

  #active = 0; // the time in which requests were completed, for nobody falls silent while nothing is sent

  answered = 0;
  failed = 0;
  /** When the last request was completed; null before. */
  lastAt = null;

  addAnswer({ pod: name, gateway, ms }, now) {
    this.#active = this.#activeAt(now);
    const pod = this.#pod(name, now);
    pod.count += 1;
    pod.lastSeen = now;
    pod.lastAnswer = ++this.answered;
    pod.lastCompleted = this.#completed;
    pod.lastActive = this.#active;
    if (gateway) this.#gateways.set(gateway, now);
    this.#add({ at: now, pod, ms }, now);
  }

  addProblem({ code, status = null, message }, now) {
    this.#active = this.#activeAt(now);
    this.failed += 1;
    let text = `${code}: ${message}`;
    if (!this.#problems.has(text) && this.#problems.size >= MOST_PROBLEMS) {
      text = "others";
      [code, status, message] = ["Others", null, "more kinds of errors than are listed"];
    }
    const problem = this.#problems.get(text) ?? { code, status, message, count: 0 };
    problem.count += 1;
    problem.at = now;
    this.#problems.set(text, problem);
    this.#add({ at: now, problem }, now);
  }

  get #completed() {
    return this.answered + this.failed;
  }

  #activeAt(now) {
    return this.#active + Math.min(now - (this.lastAt ?? now), LONGEST_STEP);
  }

  #pod(name, now) {
    if (!this.#pods.has(name) && this.#pods.size >= MOST_PODS) name = OTHERS;
    let pod = this.#pods.get(name);
    if (!pod) {
      const isLate = this.answered > Math.max(20, MISSED * this.#pods.size);
      pod = { name, count: 0, since: now, arrival: isLate ? "new" : "first", colour: this.#freeColour(now) };
      this.#pods.set(name, pod);
    } else if (this.#isSilent(pod, now)) {
      pod.since = now;
      pod.arrival = "back";
    }
    return pod;
  }

  /** The lowest number that no pod has that is still to be seen. */
  #freeColour(now) {
    const taken = new Set([...this.#pods.values()].filter((pod) => !this.#isGone(pod, now)).map((pod) => pod.colour));
    let colour = 0;
    while (taken.has(colour)) colour += 1;
    return colour;
  }

  #add(entry, now) {
    this.lastAt = now;
    const recent = this.#recent;
    recent.push(entry);
    const isOld = ({ at }) => at < now - LONGEST || (at < now - WINDOW && recent.length > FEWEST);
    while (isOld(recent[0])) recent.shift();
  }

  /** How many pods share the work, by what is recent. */
  get #live() {
    return Math.max(1, new Set(this.#recent.map(({ pod }) => pod).filter(Boolean)).size);
  }

  #isSilent(pod, now, live = this.#live, time = SILENT_AFTER) {
    return this.#activeAt(now) - pod.lastActive >= time && this.#completed - pod.lastCompleted >= MISSED * live;
  }

  #isGone(pod, now, live = this.#live) {
    return this.#isSilent(pod, now, live, GONE_AFTER);
  }

  #state(pod, now, live) {
    if (this.#isSilent(pod, now, live)) return this.#isGone(pod, now, live) ? "gone" : "silent";
    return pod.arrival !== "first" && now - pod.since < NEW_FOR ? pod.arrival : "answering";
  }

  /**
   * One entry a pod, in the order of arrival. `state` is "answering", "new", "back", "silent" or "gone"; `bar` is
   * relative to the busiest pod; `median` and `p95` are of recent answers, in ms, or null.
   */
  rows(now) {
    const live = this.#live;
    const pods = [...this.#pods.values()];
    const most = Math.max(1, ...pods.map(({ count }) => count));
    const latencies = new Map(pods.map((pod) => [pod, []]));
    for (const { pod, ms } of this.#recent) if (pod) latencies.get(pod).push(ms);
    return pods.map((pod) => ({
      name: pod.name,
      colour: pod.colour,
      count: pod.count,
      share: pod.count / this.answered,
      bar: pod.count / most,
      lastSeen: pod.lastSeen,
      since: pod.since,
      state: this.#state(pod, now, live),
      ...summary(latencies.get(pod)),
    }));
  }

  /** The median and p95 of all recent answers. */
  get latency() {
    return summary(this.#recent.filter(({ pod }) => pod).map(({ ms }) => ms));
  }

  /** The most frequent first. */
  get problems() {
    return [...this.#problems.values()].sort((a, b) => b.count - a.count);
  }

  /**
   * What the last requests look like:
   *  - `active`: who answers now, the busiest first: { name, count, since }
   *  - `isMixed`: answers of several pods alternate, rather than one pod following another
   *  - `isEven`, `isUneven`: neither, as long as there are too few answers to tell
   *  - `failures`: { code, message, count } of the most frequent error, with the count of all; null for none
   *  - `isFailing`: at least half of the last 20 failed
   *  - `gateways`: how many gateways answered
   */
  recent(now) {
    const live = this.#live;
    const answers = this.#recent.filter(({ pod }) => pod);
    const isActive = (pod) => this.answered - pod.lastAnswer < 6 * live && !this.#isSilent(pod, now, live);
    const active = [...new Set(answers.map(({ pod }) => pod))].filter(isActive);
    // Counted from when the last of them came, for a pod that has just come has no fair share yet.
    const begin = Math.max(...active.map(({ since }) => since));
    const counts = new Map(active.map((pod) => [pod, 0]));
    const sequence = answers.filter(({ at, pod }) => at >= begin && counts.has(pod)).map(({ pod }) => pod);
    for (const pod of sequence) counts.set(pod, counts.get(pod) + 1);
    const shares = [...counts.values()];
    const changes = sequence.filter((pod, index) => index > 0 && pod !== sequence[index - 1]).length;
    return {
      answers: answers.length,
      active: active
        .map((pod) => ({ name: pod.name, since: pod.since, count: counts.get(pod) }))
        .sort((a, b) => b.count - a.count),
      isMixed: active.length > 1 && changes > 0.2 * (sequence.length - 1),
      isEven: sequence.length >= 4 * active.length && isEven(shares),
      isUneven: sequence.length >= 10 * active.length && Math.max(...shares) > 1.5 * Math.min(...shares),
      failures: this.#recentFailures(),
      isFailing: isMostlyFailing(this.#recent.slice(-20)),
      gateways: [...this.#gateways.values()].filter((at) => now - at < LONGEST).length,
    };
  }

  #recentFailures() {
    const counts = new Map();
    for (const { problem } of this.#recent) if (problem) counts.set(problem, (counts.get(problem) ?? 0) + 1);
    if (counts.size === 0) return null;
    const [[{ code, message }]] = [...counts].sort((a, b) => b[1] - a[1]);
    return { code, message, count: sum(counts.values()) };
  }
}

function isMostlyFailing(entries) {
  return entries.filter(({ problem }) => problem).length * 2 >= Math.max(1, entries.length);
}
