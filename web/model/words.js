// Numbers, times and names as people say them. No DOM and no network.

const digits = new Intl.NumberFormat("en");
const spelled = "no one two three four five six seven eight nine ten eleven twelve".split(" ");

/** 12345 → "12,345" */
export function figure(number) {
  return digits.format(number);
}

/** "five", "20" */
export function inWords(number) {
  return spelled[number] ?? figure(number);
}

/** "one pod", "five pods", "20 pods" */
export function count(number, singular) {
  return `${inWords(number)} ${noun(number, singular)}`;
}

/** "1 answer", "1,200 answers" */
export function many(number, singular) {
  return `${figure(number)} ${noun(number, singular)}`;
}

/** The noun that goes with the number, for where the number itself stands elsewhere. */
export function noun(number, singular) {
  return number === 1 ? singular : plural(singular);
}

function plural(word) {
  return word.endsWith("s") ? `${word}es` : `${word}s`;
}

export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "a", "a and b", "a, b and c" */
export function list(items) {
  return items.length < 2 ? items.join() : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** Milliseconds as a length of time: "4 s", "3 min". */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

/** Milliseconds as a latency, two or three digits: "0.84 ms", "3.1 ms", "250 ms", "1.2 s", "15 s". */
export function latency(milliseconds) {
  if (milliseconds === null) return "–";
  if (milliseconds >= 10_000) return `${Math.round(milliseconds / 1000)} s`;
  if (milliseconds >= 999.5) return `${(milliseconds / 1000).toFixed(1)} s`;
  if (milliseconds >= 10) return `${Math.round(milliseconds)} ms`;
  return `${milliseconds.toFixed(milliseconds >= 1 ? 1 : 2)} ms`;
}

export function percent(share) {
  const value = share * 100;
  return `${value > 0 && value < 99.95 ? value.toFixed(1) : Math.round(value)} %`;
}

/** A pod's name in two parts: what it shares with its siblings, and the five characters that are its own. */
export function nameParts(pod) {
  const parts = /^(.+-)([a-z0-9]{5})$/.exec(pod);
  return parts ? { common: parts[1], own: parts[2] } : { common: "", own: pod };
}

export function shortName(pod) {
  return nameParts(pod).own;
}

/** A message of the gateway with a full stop. */
export function sentence(message) {
  const text = message.trim();
  return text === "" || /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Seconds as an age: "just now", "12 s ago"; empty if it is not known. */
export function ago(seconds) {
  if (seconds === null) return "";
  return seconds < 1 ? "just now" : `${span(seconds * 1000)} ago`;
}

/** A pod by the name that is its own, or by its address as long as no answer has named it. */
export function podLabel({ name, address }) {
  return name === null ? address : shortName(name);
}
