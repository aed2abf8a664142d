// A bar for each pod, with its count, share and latency; what has fallen silent fades and makes room.

import { figure, latency, many, nameParts, percent, span } from "../model/words.js";
import { element, find, paint, reconcile, setData, setHidden, setText } from "./dom.js";

export function showPods(tally, rows, now) {
  setHidden(find("#answers"), tally.answered + tally.failed === 0);
  const gone = rows.filter(({ state }) => state === "gone");
  show(find("#pods-present"), rows.filter(({ state }) => state !== "gone"), now);
  show(find("#pods-gone"), gone, now);
  setHidden(find("#pods-gone"), gone.length === 0);
  showTotals(tally);
}

function show(body, rows, now) {
  reconcile(body, rows, ({ name }) => name, makeRow, (row, pod) => updateRow(row, pod, now));
}

function makeRow({ name, colour }) {
  const { common, own } = nameParts(name);
  const title = element(
    "span", { class: "pod" }, element("span", { class: "swatch" }), element("span", { class: "common", text: common }),
    element("strong", { text: own }));
  const bar = element("span", { class: "bar" });
  const line = element("span", { class: "line", title: name }, title, " ", element("span", { class: "mark" }));
  const head = element("th", { scope: "row" }, line, element("span", { class: "track" }, bar));
  const cells = Array.from({ length: 4 }, () => element("td", { class: "number" }));
  const row = element("tr", { "data-pod": name }, head, ...cells);
  paint(row, colour);
  return row;
}

function updateRow(row, pod, now) {
  setData(row, "count", pod.count);
  setData(row, "state", pod.state);
  paint(row, pod.colour);
  find(".bar", row).style.width = `${(pod.bar * 100).toFixed(2)}%`;
  setText(find(".mark", row), mark(pod, now));
  const [count, share, median, p95] = row.querySelectorAll("td");
  setText(count, figure(pod.count));
  setText(share, percent(pod.share));
  setText(median, latency(pod.median));
  setText(p95, latency(pod.p95));
}

function mark({ state, lastSeen }, now) {
  if (state === "new") return "new";
  if (state === "back") return "back again";
  return state === "answering" ? "" : `last seen ${span(now - lastSeen)} ago`;
}

function showTotals(tally) {
  const { median, p95 } = tally.latency;
  const texts = [figure(tally.answered), tally.answered > 0 ? "100 %" : "–", latency(median), latency(p95)];
  setData(find("#pods-total"), "count", tally.answered);
  find("#pods-total").querySelectorAll("td").forEach((cell, index) => setText(cell, texts[index]));
  const failed = find("#pods-failed");
  setHidden(failed, tally.failed === 0);
  setData(failed, "count", tally.failed);
  setText(find("td", failed), figure(tally.failed));
}

/** Each kind of error, the most frequent first. */
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
