// A bar for each pod, with its calls of the last 10 s, its share and latency, and all its calls; who gets none is grey.

import { conditionOf, conditionTexts } from "../model/conditions.js";
import { sum } from "../model/statistics.js";
import { capital, figure, latency, many, nameParts, percent, span } from "../model/words.js";
import { element, find, paint, reconcile, setData, setHidden, setText } from "./dom.js";

/** So many rows have room for a bar below each name; more are one line each. */
const MOST_TALL = 6;
const SEEN = "seen ";

/** `rows` and `gone` are the roster's, `snapshot` the tally's of the time `at`. */
export function showPods({ rows, gone, snapshot, tally, at }) {
  setHidden(find("#pods-empty"), rows.length > 0);
  setData(find("#pods"), "dense", rows.length > MOST_TALL);
  const most = Math.max(1, ...rows.map(({ recent }) => recent));
  reconcile(
    find("#pods-present"), rows, ({ key }) => key, makeRow, (row, pod) => updateRow(row, pod, pod.recent / most, at));
  showSum("gone", gone.length > 0, {
    recent: sum(gone.map(({ recent }) => recent)), count: sum(gone.map(({ count }) => count)),
    answers: snapshot.answers,
  });
  setText(find("#pods-gone th"), gone.length === 1 ? "A pod that is gone" : `${figure(gone.length)} that are gone`);
  showSum("total", true, {
    recent: snapshot.answers, count: tally.answered, answers: snapshot.answers, ...snapshot.latency });
  showSum("failed", tally.failed > 0, { recent: snapshot.failed, count: tally.failed, answers: 0 });
}

function makeRow() {
  const title = element(
    "span", { class: "pod" }, element("span", { class: "swatch" }), element("span", { class: "common" }),
    element("strong"));
  const bar = element("span", { class: "bar" });
  const line = element("span", { class: "line" }, title, " ", element("span", { class: "mark" }));
  const track = element("span", { class: "track" }, bar);
  const head = element("th", { scope: "row" }, line, track, element("small", { class: "condition" }));
  return element("tr", {}, head, ...Array.from({ length: 5 }, () => element("td", { class: "number" })));
}

function updateRow(row, pod, bar, at) {
  const { common, own } = pod.name === null ? { common: "", own: pod.address } : nameParts(pod.name);
  setData(row, "pod", pod.name ?? pod.address);
  setData(row, "count", pod.count);
  setData(row, "recent", pod.recent);
  setData(row, "state", pod.state);
  setData(row, "listed", pod.isListed);
  setData(row, "condition", conditionOf(pod)?.kind ?? "");
  const texts = conditionTexts(pod);
  setText(find(".condition", row), capital(texts.join("; ")));
  setHidden(find(".condition", row), texts.length === 0);
  if (pod.recent > 0) paint(row, pod.colour);
  else delete row.dataset.colour;
  setText(find(".common", row), common);
  setText(find("strong", row), own);
  find(".bar", row).style.width = `${(bar * 100).toFixed(2)}%`;
  const [word, more] = mark(pod, at);
  setMark(find(".mark", row), word);
  find(".line", row).title = [pod.name, pod.address, word, more].filter(Boolean).join(" · ");
  const [recent, share, median, p95, count] = row.querySelectorAll("td");
  setText(recent, figure(pod.recent));
  setText(share, percent(pod.share));
  setText(median, latency(pod.median));
  setText(p95, latency(pod.p95));
  setText(count, figure(pod.count));
}

/** What has room beside its name, and what has none. */
function mark({ state, lastSeen, hasLeft }, at) {
  const isQuiet = state === "silent" || state === "idle";
  if (hasLeft && !isQuiet) return ["leaving", ""];
  if (state === "new") return ["new", ""];
  if (state === "back") return ["back", ""];
  if (!isQuiet) return ["", ""];
  const seen = lastSeen === null ? "" : `${SEEN}${span(at - lastSeen)} ago`;
  return hasLeft ? ["gone", seen] : [seen || "idle", ""];
}

/** The word that goes without saying stands apart, for it is not shown where there is little room. */
function setMark(node, text) {
  if (node.textContent === text) return;
  const isSeen = text.startsWith(SEEN);
  const rest = isSeen ? text.slice(SEEN.length) : text;
  node.replaceChildren(...(isSeen ? [element("span", { class: "said", text: SEEN })] : []), rest);
}

function showSum(name, isShown, { recent, count, answers, median = null, p95 = null }) {
  const row = find(`#pods-${name}`);
  setHidden(row, !isShown);
  setData(row, "count", count);
  setData(row, "recent", recent);
  const share = answers > 0 ? percent(recent / answers) : "–";
  const texts = [figure(recent), name === "failed" ? "" : share, latency(median), latency(p95), figure(count)];
  row.querySelectorAll("td").forEach((cell, index) => {
    setText(cell, name !== "total" && (index === 2 || index === 3) ? "" : texts[index]);
  });
}

/** Each kind of error, the most frequent first, with the age of its last one. */
export function showProblems(problems, now) {
  setHidden(find("#problems"), problems.length === 0);
  reconcile(
    find("#problems ul"), problems, ({ code, message }) => `${code}: ${message}`,
    () => element("li", {}, element("strong"), element("span"), element("small", { class: "quiet" })),
    (item, { code, status, message, count, at }) => {
      const [title, text, when] = item.children;
      const isNamed = status !== null && code !== `HTTP ${status}`;
      setText(title, isNamed ? `${code} (HTTP ${status})` : code);
      setText(text, message);
      setText(when, `${many(count, "request")}, last ${span(now - at)} ago`);
    });
}
