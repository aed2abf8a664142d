// The last minute as columns, one for each second, one layer for each pod, errors on top.

import { SECONDS } from "../model/history.js";
import { roundUp, sum } from "../model/statistics.js";
import { figure, list, many, shortName } from "../model/words.js";
import { element, find, isStriped, paint, reconcile, setData, setText } from "./dom.js";

/** A column's share of its second. */
const FILL = 0.84;

/** A label fits beside a layer of at least this height, in pixels. */
const ROOM = 13;

/** The text alternative changes this seldom, in seconds. */
const RETELL_EVERY = 5;

const picture = find("#chart svg");
let drawn = null;

/** `colours` are the tally's: pod → colour; `last` is the second at the right edge. */
export function showChart(history, colours, last) {
  const size = { width: picture.clientWidth, height: picture.clientHeight };
  const version = `${last} ${size.width} ${size.height} ${colours.size}`;
  if (version === drawn) return;
  drawn = version;
  const columns = history.columns(last);
  const isIn = (pod) => columns.some((column) => column.has(pod));
  const layers = [...colours.keys(), null].filter(isIn);
  const top = roundUp(Math.max(1, ...columns.map((column) => sum(column.values()))));
  draw(layers.map((pod, depth) => (
    { pod, colour: colours.get(pod), path: outline(columns, layers, depth, size, top) })));
  showAxis(top);
  showLabels(columns, layers, colours, top, size.height);
  if (last % RETELL_EVERY === 0 || picture.dataset.layers !== String(layers.length)) tell(columns, layers);
  setData(picture, "layers", layers.length);
}

/** The rectangles of one layer, as one path in pixels. */
function outline(columns, layers, depth, { width, height }, top) {
  let path = "";
  const step = width / columns.length;
  columns.forEach((column, index) => {
    const count = column.get(layers[depth]) ?? 0;
    if (count === 0) return;
    const below = sum(layers.slice(0, depth).map((pod) => column.get(pod) ?? 0));
    const [x, y] = [index * step, height * (1 - below / top)];
    const [wide, high] = [step * FILL, (height * count) / top];
    path += `M${x.toFixed(2)} ${y.toFixed(2)}h${wide.toFixed(2)}v${(-high).toFixed(2)}h${(-wide).toFixed(2)}z`;
  });
  return path;
}

/** Stripes lie over a layer as a second path. */
function draw(layers) {
  const group = find("g", picture);
  const wanted = layers.flatMap(({ pod, colour, path }) => {
    const base = { key: `of ${pod}`, pod, colour, path };
    return pod === null || isStriped(colour) ? [base, { ...base, key: `on ${pod}`, isOverlay: true }] : [base];
  });
  reconcile(
    group, wanted, ({ key }) => key, () => document.createElementNS(picture.namespaceURI, "path"),
    (node, { pod, colour, path, isOverlay }) => {
      node.setAttribute("d", path);
      if (isOverlay) node.setAttribute("fill", "url(#stripes)");
      else if (pod === null) node.setAttribute("class", "failed");
      else paint(node, colour);
    });
}

function showAxis(top) {
  const values = [0, top / 2, top].filter(Number.isInteger);
  reconcile(find("#chart .axis"), values, (value) => value / top, () => element("span"), (line, value) => {
    setText(line, figure(value));
    line.style.bottom = `${(value / top) * 100}%`;
  });
}

/** The pods' names beside their layers in the last three seconds, where there is room. */
function showLabels(columns, layers, colours, top, pixels) {
  const latest = columns.slice(-3).filter((column) => column.size > 0);
  const height = (pod) => sum(latest.map((column) => column.get(pod) ?? 0)) / Math.max(1, latest.length) / top;
  let below = 0;
  const labels = [];
  for (const pod of layers) {
    const share = height(pod);
    if (share * pixels >= ROOM) labels.push({ pod, middle: below + share / 2 });
    below += share;
  }
  reconcile(
    find("#chart .labels"), labels, ({ pod }) => pod ?? "", () => element("span"),
    (label, { pod, middle }) => {
      setText(label, pod === null ? "failed" : shortName(pod));
      if (pod !== null) paint(label, colours.get(pod));
      label.style.bottom = `${(middle * 100).toFixed(1)}%`;
    });
}

function tell(columns, layers) {
  const sums = layers.map((pod) => sum(columns.map((column) => column.get(pod) ?? 0)));
  const parts = layers.map((pod, index) => `${pod === null ? "failed" : shortName(pod)} ${figure(sums[index])}`);
  const all = sum(sums);
  picture.setAttribute(
    "aria-label", all === 0 ? "No requests in the last minute"
      : `${many(all, "request")} in the last ${SECONDS} seconds: ${list(parts)}`);
}
