// The way of the calls, drawn: client, nginx, gateways, what stands between, pods; edges as wide as their calls.

import { policyLine } from "../model/conditions.js";
import { isNarrow, layout } from "../model/layout.js";
import { capital, count, figure, list, many } from "../model/words.js";
import { find, paint, reconcile, setData, setHidden, setText } from "./dom.js";

/** The text alternative changes this seldom, in ms. */
const RETELL_EVERY = 5_000;

/** In boxes of less than this height, in pixels, there is one line. */
const ONE_LINE = 40;

const svg = find("#picture svg");
let toldAt = -Infinity;
let lastWidth = 0;

export function hasLittleRoom() {
  return isNarrow(room());
}

/**
 * The last one while there is none, as for a moment when the browser takes a picture of the whole page: then what is beside
 * is drawn anew, and must not say something else.
 */
function room() {
  lastWidth = svg.parentElement.clientWidth || lastWidth;
  return lastWidth;
}

/** `picture` is a graph of model/graph.js. */
export function showPicture(picture, now) {
  const width = room();
  if (width === 0) return;
  const { boxes, paths, groups, height } = layout(picture, width);
  attribute(svg, "viewBox", `0 0 ${width} ${height.toFixed(0)}`);
  attribute(svg, "height", height.toFixed(0));
  const layers = ["groups", "edges", "nodes"].map((name) => find(`.${name}`, svg));
  reconcile(layers[0], groups, ({ id }) => id, () => make("rect", { rx: 12 }), showBox);
  const order = [...paths].sort((a, b) => a.size - b.size);
  reconcile(layers[1], order, ({ edge }) => `${edge.from} ${edge.to}`, () => make("path"), showEdge);
  const show = (node, facts) => showNode(node, facts, boxes.get(facts.id));
  reconcile(layers[2], picture.nodes, ({ id }) => id, makeNode, show);
  const isAtRest = svg.dataset.total === String(picture.total);
  if (isAtRest || now - toldAt >= RETELL_EVERY || svg.dataset.pods !== String(podsOf(picture).length)) {
    toldAt = now;
    attribute(svg, "aria-label", tell(picture));
  }
  setData(svg, "pods", podsOf(picture).length);
  setData(svg, "total", picture.total);
}

/**
 * What this way of finding pods and choosing among them is called, and what the policy goes by; `channel` is the view
 * of model/gateways.js.
 */
export function showMode(channel) {
  const mode = channel?.mode ? `mode ${channel.mode}, ` : "";
  setText(find("#picture-mode"), channel ? `${mode}policy ${channel.policy}` : "");
  const line = policyLine(channel);
  setText(find("#policy-line"), line);
  setHidden(find("#policy-line"), line === "");
}

function podsOf({ nodes }) {
  return nodes.filter(({ kind }) => kind === "pod");
}

function make(name, attributes = {}, ...children) {
  const made = document.createElementNS(svg.namespaceURI, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function attribute(node, name, value) {
  const wanted = String(value);
  if (node.getAttribute(name) !== wanted) node.setAttribute(name, wanted);
}

function showBox(rect, { x, y, width, height }) {
  for (const [name, value] of Object.entries({ x, y, width, height })) attribute(rect, name, value.toFixed(1));
}

function showEdge(path, { edge, d, size }) {
  attribute(path, "d", d);
  attribute(path, "stroke-width", size.toFixed(2));
  setData(path, "kind", edge.kind);
  setData(path, "calls", edge.calls);
  setData(path, "from", edge.from);
  setData(path, "to", edge.to);
  colour(path, edge.colour);
}

function colour(node, number) {
  if (number !== null && number !== undefined) paint(node, number);
  else delete node.dataset.colour;
}

function makeNode() {
  return make(
    "g", {}, make("title"), make("rect", { rx: 8 }), make("rect", { class: "swatch", rx: 2 }),
    make("text", { class: "name" }), make("text", { class: "detail" }), make("text", { class: "note" }));
}

function showNode(node, { id, kind, title, detail, note = "", calls, state = "", value = null, ...rest }, box) {
  const [hover, frame, swatch, name, count_, remark] = node.children;
  for (const [key, fact] of Object.entries({ id, kind, calls, state })) setData(node, key, fact);
  setData(node, "narrow", rest.isNarrow === true);
  setData(node, "left", rest.hasLeft === true);
  if (value !== null) setData(node, "value", value);
  if (rest.pod) setData(node, "pod", rest.pod);
  setData(node, "condition", rest.condition ?? "");
  if (rest.ready !== undefined) setData(node, "ready", rest.ready ?? "");
  colour(node, rest.colour);
  const names = rest.names?.filter(Boolean).join(", ") || title;
  setText(hover, [names, rest.address, detail, rest.why].filter(Boolean).join(" · "));
  showBox(frame, box);
  const isRow = box.height < ONE_LINE;
  setData(node, "shape", isRow ? "row" : "box");
  const [label, figures, word] = isRow ? fitting({ title, detail, note }, box.width - 43, calls > 0)
    : [title, detail, note];
  setText(name, label);
  setText(count_, figures);
  setText(remark, word);
  const middle = box.x + box.width / 2;
  if (isRow) {
    const y = box.y + box.height / 2 + 4.5;
    showBox(swatch, { x: box.x + 9, y: box.y + box.height / 2 - 5, width: 10, height: 10 });
    at(name, box.x + 26, y);
    at(count_, box.x + box.width - 9, y);
    at(remark, box.x + 26 + widthOf(label) + 8, y);
    return;
  }
  const lines = note === "" ? 2 : 3;
  const top = box.y + box.height / 2 - lines * 8.5 + 13;
  [name, count_, remark].forEach((line, index) => at(line, middle, top + index * 17));
}

/**
 * What has room in a row: a number always, the beginning of a long address and the word for none last. What is wrong
 * with a pod goes before that word, and is a mark where it has no room.
 */
function fitting({ title, detail, note }, room, isNumber) {
  if (note !== "") {
    const figures = isNumber ? detail : "";
    const left = room - widthOf(title) - widthOf(figures) - 8;
    const word = [note, "!"].find((text) => widthOf(text) <= left);
    if (word) return [title, figures, word];
  }
  if (widthOf(title) + widthOf(detail) <= room) return [title, detail, ""];
  const left = isNumber ? room - widthOf(detail) : room;
  let label = title;
  while (widthOf(label) > left && label.length > 4) label = `…${label.slice(2)}`;
  return [label, isNumber ? detail : "", ""];
}

/** In pixels, by and large: what the browser knows exactly would cost a layout for each box. */
function widthOf(text) {
  return [...text].reduce((width, letter) => width + (".:il".includes(letter) ? 4.2 : 8.1), 0);
}

function at(text, x, y) {
  attribute(text, "x", x.toFixed(1));
  attribute(text, "y", y.toFixed(1));
}

function tell(picture) {
  const gateways = picture.nodes.filter(({ kind }) => kind === "gateway");
  const between = picture.nodes.find(({ kind }) => kind === "service" || kind === "proxy");
  const way = ["client", "nginx", gateways.length > 1 ? count(gateways.length, "gateway") : "gateway"];
  if (between) way.push(between.title);
  const pods = podsOf(picture);
  const busy = pods.filter(({ calls }) => calls > 0);
  const idle = pods.length - busy.length;
  const shares = busy.map(({ title, calls }) => `${title} ${figure(calls)}`);
  const told = [
    `The way of the calls: ${list(way)}, then ${count(pods.length, "pod")}.`,
    `${capital(many(picture.total, "call"))} in the last 10 seconds${shares.length > 0 ? `: ${list(shares)}` : ""}.`,
  ];
  if (idle > 0 && busy.length > 0) told.push(`${capital(count(idle, "pod"))} ${idle === 1 ? "is" : "are"} idle.`);
  for (const { title, why } of pods) if (why) told.push(`Pod ${title}: ${why}.`);
  return told.join(" ");
}
