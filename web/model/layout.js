// Where the nodes and edges of model/graph.js are drawn, in pixels. No DOM and no network.

import { sum } from "./statistics.js";

/** The width that all calls together have, and the least that is still seen. */
const FULL = 26;
const LEAST = 1.5;

/** Below this there is no room for columns side by side. */
const NARROW = 560;

export function isNarrow(width) {
  return width < NARROW;
}

const WIDTHS = { client: 74, nginx: 74, gateway: 120, service: 106, proxy: 106, source: 126, pod: 150, failed: 150 };
const MARGIN = 4;

/** The height of a pod's box and the gap to the next: pods move together when there are many. */
function podSize(number) {
  if (number <= 6) return { height: 36, gap: 14 };
  return number <= 11 ? { height: 27, gap: 7 } : { height: 20, gap: 4 };
}

/**
 * { width, height, boxes: Map(id → { x, y, width, height }), paths: [{ edge, d, size }], groups } for a picture so
 * wide; `groups` are the frames around each gateway and the proxy in its pod.
 */
export function layout(picture, width) {
  return isNarrow(width) ? upright(picture, width) : lengthwise(picture, width);
}

function lengthwise(picture, width) {
  const { nodes, hasMiddle, isSidecar } = picture;
  const of = (...kinds) => nodes.filter(({ kind }) => kinds.includes(kind));
  const pods = of("pod");
  const [failed] = of("failed");
  const gateways = of("gateway");
  const [source] = of("source");
  const size = podSize(pods.length + (failed ? 1 : 0));
  const stack = pods.length * (size.height + size.gap) - size.gap;
  const gatewayHeight = 62;
  const apart = isSidecar ? 22 : 14; // room for the frames
  const middle = gateways.length * (gatewayHeight + apart) - apart;
  const beside = source ? 62 + 24 : 0;
  // What failed has its way below all else, so that it seems to come from nowhere but nginx.
  const below = failed ? size.height + size.gap : 0;
  const own = Math.max(stack, middle + 2 * beside, 150) + 2 * MARGIN;
  const height = own + below;
  const centre = own / 2;
  const columns = [["client"], ["nginx"], ["gateway"], ...(hasMiddle ? [["service", "proxy"]] : []), ["pod"]];
  // A word more in a pod's row.
  const more = pods.some(({ note }) => note) ? 30 : 0;
  const widths = { ...WIDTHS, pod: WIDTHS.pod + more, failed: WIDTHS.failed + more };
  const wide = columns.map(([kind]) => widths[kind]);
  const spare = width - 2 * MARGIN - sum(wide);
  // What comes last gets the most room, for there the edges spread.
  const last = spare * (hasMiddle ? 0.52 : 0.46);
  const others = (spare - last) / (columns.length - 2);
  const gaps = columns.slice(1).map((_, index) => (index === columns.length - 2 ? last : others));
  const left = columns.map((_, index) => MARGIN + sum(wide.slice(0, index)) + sum(gaps.slice(0, index)));
  const boxes = new Map();
  const place = (list, column, own, between) => {
    const all = list.length * (own + between) - between;
    list.forEach(({ id, kind }, index) => boxes.set(id, {
      x: left[column], y: centre - all / 2 + index * (own + between), width: widths[kind], height: own,
    }));
  };
  place(of("client"), 0, 48, 0);
  place(of("nginx"), 1, 48, 0);
  place(gateways, 2, gatewayHeight, apart);
  if (hasMiddle) place(of("service", "proxy"), 3, gatewayHeight, apart);
  place(pods, columns.length - 1, size.height, size.gap);
  if (source) {
    const x = hasMiddle ? (left[2] + left[3]) / 2 : left[2];
    boxes.set(source.id, { x, y: own - MARGIN - 62, width: WIDTHS.source, height: 62 });
  }
  if (failed) {
    const { height: high } = size;
    boxes.set(failed.id, { x: left.at(-1), y: height - MARGIN - high, width: widths.failed, height: high });
  }
  return { width, height, boxes, paths: paths(picture, boxes, false), groups: groups(picture, boxes) };
}

/** For a phone: the way down on the left, the pods on the right. */
function upright(picture, width) {
  const { nodes, hasMiddle } = picture;
  const of = (...kinds) => nodes.filter(({ kind }) => kinds.includes(kind));
  const right = [...of("source"), ...of("pod", "failed")];
  const gateways = of("gateway");
  const step = 34;
  const leftWidth = Math.min(136, width * 0.42);
  const rightWidth = Math.min(136, width * 0.38);
  const rows = [of("client"), of("nginx"), gateways, ...(hasMiddle ? [of("service", "proxy")] : [])];
  const heights = rows.map((row) => (row[0].kind === "client" || row[0].kind === "nginx" ? 44 : 60));
  const leftHeight = sum(heights) + step * (rows.length - 1);
  const size = podSize(right.length);
  const sourceExtra = of("source").length * (60 - size.height + 14);
  const rightHeight = right.length * (size.height + size.gap) - size.gap + sourceExtra;
  const height = Math.max(leftHeight, rightHeight) + 2 * MARGIN;
  const boxes = new Map();
  let y = MARGIN;
  rows.forEach((row, index) => {
    const own = (leftWidth - 6 * (row.length - 1)) / row.length;
    row.forEach(({ id }, place) => {
      boxes.set(id, { x: MARGIN + place * (own + 6), y, width: own, height: heights[index] });
    });
    y += heights[index] + step;
  });
  y = MARGIN;
  const spare = Math.max(0, (height - 2 * MARGIN - rightHeight) / Math.max(1, right.length - 1));
  for (const { id, kind } of right) {
    const own = kind === "source" ? 60 : size.height;
    boxes.set(id, { x: width - MARGIN - rightWidth, y, width: rightWidth, height: own });
    y += own + size.gap + spare + (kind === "source" ? 14 : 0);
  }
  return { width, height, boxes, paths: paths(picture, boxes, true), groups: groups(picture, boxes) };
}

/** Edges leave and reach a box side by side, as wide as their calls, together as wide as the calls of the box. */
function paths({ edges, total, nodes }, boxes, isUpright) {
  const kinds = new Map(nodes.map(({ id, kind }) => [id, kind]));
  const size = ({ calls }) => (calls > 0 ? Math.max(LEAST, (FULL * calls) / Math.max(1, total)) : 1);
  const isDown = ({ to }) => isUpright && !["pod", "failed"].includes(kinds.get(to));
  const flows = edges.filter(({ kind }) => kind !== "lookup");
  const offsets = new Map();
  // In the order of where they lead to, so that none crosses another at its beginning.
  const stackUp = (end) => {
    for (const id of new Set(flows.map((edge) => edge[end]))) {
      const own = flows.filter((edge) => edge[end] === id);
      const other = end === "from" ? "to" : "from";
      const place = (edge) => middleOf(boxes.get(edge[other]), isDown(edge));
      const sorted = [...own].sort((a, b) => place(a) - place(b));
      const aside = sorted.filter((edge) => isDown(edge) === isDown(sorted[0]));
      for (const group of [aside, sorted.filter((edge) => !aside.includes(edge))]) {
        let at = -sum(group.map(size)) / 2;
        for (const edge of group) {
          offsets.set(`${end} ${id} ${edge[other]}`, at + size(edge) / 2);
          at += size(edge);
        }
      }
    }
  };
  stackUp("from");
  stackUp("to");
  return edges.map((edge) => {
    const [from, to] = [boxes.get(edge.from), boxes.get(edge.to)];
    if (edge.kind === "lookup") return { edge, size: 1, d: beside(from, to) };
    const begin = offsets.get(`from ${edge.from} ${edge.to}`);
    const end = offsets.get(`to ${edge.to} ${edge.from}`);
    const draw = isDown(edge) ? down : !isUpright && kinds.get(edge.to) === "failed" ? under(boxes) : across;
    return { edge, size: size(edge), d: draw(from, to, begin, end) };
  });
}

function middleOf(box, isDown) {
  return isDown ? box.x + box.width / 2 : box.y + box.height / 2;
}

function across(from, to, begin, end) {
  const [x1, y1] = [from.x + from.width, from.y + from.height / 2 + begin];
  const [x2, y2] = [to.x, to.y + to.height / 2 + end];
  const bend = (x2 - x1) / 2;
  return `M${point(x1, y1)}C${point(x1 + bend, y1)} ${point(x2 - bend, y2)} ${point(x2, y2)}`;
}

/** Down before the next column begins, then below all boxes. */
function under(boxes) {
  return (from, to, begin, end) => {
    const [x1, y1] = [from.x + from.width, from.y + from.height / 2 + begin];
    const [x2, y2] = [to.x, to.y + to.height / 2 + end];
    const next = Math.min(...[...boxes.values()].map(({ x }) => x).filter((x) => x > x1));
    const bend = (next - x1) / 2;
    return `M${point(x1, y1)}C${point(x1 + bend, y1)} ${point(next - bend, y2)} ${point(next, y2)}L${point(x2, y2)}`;
  };
}

function down(from, to, begin, end) {
  const [x1, y1] = [from.x + from.width / 2 + begin, from.y + from.height];
  const [x2, y2] = [to.x + to.width / 2 + end, to.y];
  const bend = (y2 - y1) / 2;
  return `M${point(x1, y1)}C${point(x1, y1 + bend)} ${point(x2, y2 - bend)} ${point(x2, y2)}`;
}

/** A straight line between the nearest sides. */
function beside(from, to) {
  const [x1, x2] = nearest(from.x, from.width, to.x, to.width);
  const [y1, y2] = nearest(from.y, from.height, to.y, to.height);
  return `M${point(x1, y1)}L${point(x2, y2)}`;
}

/** On one axis: the two ends that face each other, or the middle of what they have in common. */
function nearest(a, aSize, b, bSize) {
  if (a + aSize <= b) return [a + aSize, b];
  if (b + bSize <= a) return [a, b + bSize];
  const middle = (Math.max(a, b) + Math.min(a + aSize, b + bSize)) / 2;
  return [middle, middle];
}

function point(x, y) {
  return `${x.toFixed(1)} ${y.toFixed(1)}`;
}

/** A frame around each gateway and the proxy in its pod. */
function groups({ nodes, isSidecar }, boxes) {
  if (!isSidecar) return [];
  return nodes.filter(({ kind }) => kind === "proxy").map(({ of, id }) => {
    const both = [boxes.get(of), boxes.get(id)];
    const x = Math.min(...both.map((box) => box.x)) - 6;
    const y = Math.min(...both.map((box) => box.y)) - 6;
    const right = Math.max(...both.map((box) => box.x + box.width)) + 6;
    const bottom = Math.max(...both.map((box) => box.y + box.height)) + 6;
    return { id, x, y, width: right - x, height: bottom - y };
  });
}
