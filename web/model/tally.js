// What has been answered so far, by whom, and who has fallen silent. No DOM and no network; time is a parameter, in
// milliseconds of any clock that only goes forward.
//
// Headline, bars, picture and sums are all taken from one snapshot, so that they say the same.

import { isEven, sum, summary } from "./statistics.js";

/** What counts as recent, in ms. */
export const WINDOW = 10_000;

/** A pod is silent when so many requests for each live pod were answered without it, and it was heard 1 s ago. */
const MISSED = 10;
const SILENT_AFTER = 1_000;
/** When somebody has come since it was heard, a turn or two without it will do: a connection has moved on. */
const MISSED_AFTER_ANOTHER = 2;
/** More than this between two completed requests is a pause. */
const LONGEST_STEP = 1_000;
/** The colour of a pod that has been silent so long is given to another. */
const GONE_AFTER = 15_000;

/** Bounds what a page that stays open for weeks remembers. Then the pod that was heard longest ago makes room … */
const MOST_PODS = 200;
/** … and its answers are counted under this name, as are those of a pod more when all 200 answer at present. */
const OTHERS = "(further pods)";
const MOST_PROBLEMS = 20;

export class Tally {
  #pods = new Map(); // name → its facts, in the order of arrival
  #problems = new Map(); // text → { code, status, message, count, at }
  #recent = []; // { at, pod, gateway, ms } or { at, problem }, the oldest first
  #active = 0; // the time in which requests were completed, for nobody falls silent while nothing is sent

  answered = 0;
  failed = 0;
  /** When the last request was completed; null before. */
  lastAt = null;

  addAnswer({ pod: name, gateway = null, ms }, now) {
    this.#active = this.#activeAt(now);
    const pod = this.#pod(name, now);
    pod.count += 1;
    pod.lastSeen = now;
    this.answered += 1;
    pod.lastCompleted = this.#completed;
    pod.lastActive = this.#active;
    this.#add({ at: now, pod, gateway, ms }, now);
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

  knows(name) {
    return this.#pods.has(name);
  }

  get #completed() {
    return this.answered + this.failed;
  }

  #activeAt(now) {
    return this.#active + Math.min(now - (this.lastAt ?? now), LONGEST_STEP);
  }

  #pod(name, now) {
    if (!this.#pods.has(name) && !this.#makeRoom(now)) name = OTHERS;
    let pod = this.#pods.get(name);
    if (!pod) {
      const isLate = this.answered > Math.max(20, MISSED * this.#pods.size);
      pod = { name, count: 0, since: now, arrival: isLate ? "new" : "first", colour: this.#freeColour(now) };
      this.#pods.set(name, pod);
    } else if (this.#isSilent(pod, now)) {
      const isGone = this.#isSilent(pod, now, null, GONE_AFTER);
      if (isGone) pod.colour = this.#freeColour(now, pod);
      pod.since = now;
      pod.arrival = "back";
    }
    return pod;
  }

  /** False if all of them answered just now. */
  #makeRoom(now) {
    const named = [...this.#pods.values()].filter(({ name }) => name !== OTHERS);
    if (named.length < MOST_PODS) return true;
    const oldest = named.reduce((a, b) => (b.lastSeen < a.lastSeen ? b : a));
    if (oldest.lastSeen > now - WINDOW) return false;
    const others = this.#pods.get(OTHERS);
    this.#pods.delete(oldest.name);
    if (others) {
      others.count += oldest.count;
    } else this.#pods.set(OTHERS, { ...oldest, name: OTHERS });
    return true;
  }

  /** Its own, or the lowest number that no pod has that is still to be seen. */
  #freeColour(now, own = null) {
    const live = this.#live(now);
    const others = [...this.#pods.values()].filter((pod) => pod !== own);
    const seen = others.filter((pod) => !this.#isSilent(pod, now, live, GONE_AFTER));
    const taken = new Set(seen.map((pod) => pod.colour));
    if (own && !taken.has(own.colour)) return own.colour;
    let colour = 0;
    while (taken.has(colour)) colour += 1;
    return colour;
  }

  #add(entry, now) {
    this.lastAt = now;
    this.#recent.push(entry);
    const begin = this.#recent.findIndex(({ at }) => at > now - WINDOW);
    if (begin > 0) this.#recent.splice(0, begin);
  }

  /** How many pods share the work, by what is recent. */
  #live(now) {
    return Math.max(1, [...this.#pods.values()].filter(({ lastSeen }) => lastSeen > now - WINDOW).length);
  }

  #isSilent(pod, now, live = null, time = SILENT_AFTER) {
    if (this.#activeAt(now) - pod.lastActive < time) return false;
    return this.#completed - pod.lastCompleted >= MISSED * (live ?? this.#live(now));
  }

  /** Whether it answers at present, as far as the last requests tell. */
  #isActive(pod, now, live) {
    if (this.#isSilent(pod, now, live)) return false;
    const hasBeenFollowed = [...this.#pods.values()].some(({ since }) => since > pod.lastSeen);
    return !hasBeenFollowed || this.#completed - pod.lastCompleted < MISSED_AFTER_ANOTHER * live + 4;
  }

  /**
   * All there is to say of the 10 s before `now`:
   *  - `answers`, `failed`: how many requests were answered, how many failed
   *  - `pods`: one entry for each that ever answered, in the order of arrival: { name, colour, count (of all time),
   *    recent, share (of `answers`), state, since, lastSeen, median, p95 }; `state` is "answering", "new", "back",
   *    "silent" (it answered in these 10 s, and does no more) or "idle"
   *  - `gateways`: { name, recent, pods: pod → answers } of each that answered
   *  - `active`: the pods that answer now, the busiest first
   *  - `hasNewcomers`: one of them came or came back in these 10 s, and so has no fair share yet
   *  - `isEven`, `isUneven`: neither, as long as there are too few answers to tell
   *  - `failures`: { code, message, count } of the most frequent error, with the count of all; null for none
   *  - `isFailing`: at least half of the last 20 failed
   */
  snapshot(now) {
    const entries = this.#recent.filter(({ at }) => at > now - WINDOW && at <= now);
    const answers = entries.filter(({ pod }) => pod);
    const live = this.#live(now);
    const times = new Map();
    for (const { pod, ms } of answers) {
      if (!times.has(pod)) times.set(pod, []);
      times.get(pod).push(ms);
    }
    const pods = [...this.#pods.values()].map((pod) => {
      const recent = times.get(pod)?.length ?? 0;
      const { name, colour, count, since, lastSeen } = pod;
      return {
        name, colour, count, since, lastSeen, recent,
        share: answers.length > 0 ? recent / answers.length : 0,
        state: this.#state(pod, recent, now, live),
        ...summary(times.get(pod) ?? []),
      };
    });
    const active = pods.filter(({ state }) => isLively(state)).sort((a, b) => b.recent - a.recent);
    const shares = active.map(({ recent }) => recent);
    const hasNewcomers = active.some(({ state }) => state !== "answering");
    const enough = sum(shares);
    return {
      answers: answers.length,
      failed: entries.length - answers.length,
      pods,
      gateways: byGateway(answers),
      active,
      hasNewcomers,
      isEven: !hasNewcomers && enough >= 4 * active.length && isEven(shares),
      isUneven: !hasNewcomers && enough >= 10 * active.length && Math.max(...shares) > 1.5 * Math.min(...shares),
      failures: recentFailures(entries),
      isFailing: isMostlyFailing(entries.slice(-20)),
      latency: summary(answers.map(({ ms }) => ms)),
    };
  }

  #state(pod, recent, now, live) {
    if (recent === 0) return "idle";
    if (!this.#isActive(pod, now, live)) return "silent";
    return pod.arrival !== "first" && now - pod.since < WINDOW ? pod.arrival : "answering";
  }

  /** Of all that ever answered: pod → colour, in the order of arrival. */
  get colours() {
    return new Map([...this.#pods.values()].map(({ name, colour }) => [name, colour]));
  }

  /** The most frequent first. */
  get problems() {
    return [...this.#problems.values()].sort((a, b) => b.count - a.count);
  }
}

/** Whether a pod in this state answers at present. */
export function isLively(state) {
  return state === "answering" || state === "new" || state === "back";
}

function byGateway(answers) {
  const gateways = new Map();
  for (const { gateway, pod } of answers) {
    const counts = gateways.get(gateway) ?? new Map();
    counts.set(pod.name, (counts.get(pod.name) ?? 0) + 1);
    gateways.set(gateway, counts);
  }
  return [...gateways].map(([name, pods]) => ({ name, pods, recent: sum(pods.values()) }));
}

function recentFailures(entries) {
  const counts = new Map();
  for (const { problem } of entries) if (problem) counts.set(problem, (counts.get(problem) ?? 0) + 1);
  if (counts.size === 0) return null;
  const [[{ code, message }]] = [...counts].sort((a, b) => b[1] - a[1]);
  return { code, message, count: sum(counts.values()) };
}

function isMostlyFailing(entries) {
  return entries.filter(({ problem }) => problem).length * 2 >= Math.max(1, entries.length);
}
