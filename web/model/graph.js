// The way of the calls as a graph: who is there, and how many calls of the last 10 s went from whom to whom. No DOM and
// no network; where things are drawn is the business of model/layout.js.

import { conditionOf, conditionTexts } from "./conditions.js";
import { UNNAMED } from "./gateways.js";
import { sum } from "./statistics.js";
import { isLively } from "./tally.js";
import { ago, count, figure, many, nameParts, noun, podLabel } from "./words.js";

/** More would be no picture; the rest is drawn as one. */
const MOST_PODS = 16;
const MOST_GATEWAYS = { wide: 3, narrow: 1 };

/** How each mode is drawn: what stands between gateway and pods, and what tells addresses beside. */
const MODES = {
  clusterip: { middle: "service", source: "DNS" },
  headless: { source: "DNS" },
  kubernetes: { source: "Kubernetes API" },
  envoy: { middle: "proxy", proxy: "Envoy", source: "DNS" },
  "envoy-sidecar": { middle: "sidecar", proxy: "Envoy", source: "DNS" },
  etcd: { source: "etcd" },
  consul: { source: "Consul" },
  nginx: { middle: "proxy", proxy: "nginx", source: "DNS" },
  mesh: { middle: "sidecar", proxy: "mesh proxy", source: "mesh" },
};

/** For a mode that is not told, or not known: what the target itself says. */
function shapeOf(channel) {
  if (!channel) return {};
  const known = MODES[channel.mode];
  if (known) return { ...known, isAsked: channel.addressKind !== "given" && known.middle !== "sidecar" };
  if (channel.addressKind === "service") return { ...MODES.clusterip, isAsked: true };
  if (channel.addressKind === "given") return {};
  const [scheme] = channel.target.split(":", 1);
  return { ...(MODES[scheme] ?? MODES.headless), isAsked: true };
}

/**
 * `rows` and `gone` are the roster's, `snapshot` the tally's, `channel` the view of model/gateways.js or null; `cause`
 * is where the way gets narrow, and `isNarrow` tells that there is little room to draw.
 *  - `nodes`: { id, kind, title, detail, note, calls, … }; pods have `colour` and `state` besides
 *  - `edges`: { from, to, calls, colour, kind }; kind is "calls", "open" (a connection without calls), "known",
 *    "possible" (whoever stands there may choose it) or "lookup"
 *  - `total`: all requests, those that failed included
 */
export function graph({ rows, gone, snapshot, channel, cause = null, isNarrow = false }) {
  const shape = shapeOf(channel);
  const total = snapshot.answers + snapshot.failed;
  const gateways = gatewayNodes(snapshot, channel, cause, isNarrow ? MOST_GATEWAYS.narrow : MOST_GATEWAYS.wide);
  const middles = middleNodes(shape, gateways, channel, cause);
  const pods = podNodes(rows, gone);
  const nodes = [
    { id: "client", kind: "client", title: "client", detail: calls(total), calls: total },
    { id: "nginx", kind: "nginx", title: "nginx", detail: calls(total), calls: total },
    ...gateways, ...middles, ...pods,
  ];
  const edges = [
    edge("client", "nginx", total > 0 ? "calls" : "open", total),
    ...gateways.map(({ id, calls: own }) => edge("nginx", id, own > 0 ? "calls" : "open", own)),
    ...middleEdges(gateways, middles), ...podEdges(gateways, middles, pods, shape),
  ];
  if (shape.source && channel) {
    const source = sourceNode(shape, channel, cause);
    nodes.push(source);
    const askers = shape.isAsked ? gateways : [];
    const proxies = middles.filter(({ kind }) => kind === "proxy");
    for (const { id } of [...askers, ...proxies]) edges.push(edge(source.id, id, "lookup"));
  }
  if (snapshot.failed > 0) {
    const { failed } = snapshot;
    nodes.push({ id: "failed", kind: "failed", title: "failed", detail: figure(failed), calls: failed });
    edges.push(edge("nginx", "failed", "calls", failed));
  }
  return { nodes, edges, total, hasMiddle: middles.length > 0, isSidecar: shape.middle === "sidecar" };
}

function calls(number) {
  return many(number, "call");
}

function edge(from, to, kind, number = 0, colour = null) {
  return { from, to, kind, calls: number, colour };
}

/** One node each, or one for all where there are many; and who answered without being known yet. */
function gatewayNodes(snapshot, channel, cause, most) {
  const answered = new Map(snapshot.gateways.map(({ name, recent, pods }) => [name ?? UNNAMED, { recent, pods }]));
  const names = [...new Set([...(channel?.gateways ?? []), ...answered.keys()])].sort();
  const own = names.map((name) => {
    const { recent, pods } = answered.get(name) ?? { recent: 0, pods: new Map() };
    const facts = channel?.accounts.find(({ gateway }) => gateway === name)?.facts ?? null;
    const ready = facts?.ready ?? null;
    return {
      id: `gateway ${name}`, kind: "gateway", title: "gateway", name,
      detail: calls(recent), calls: recent, pods, ready, note: ready === null ? "" : count(ready, "connection"),
      isNarrow: cause === "connections",
    };
  });
  if (own.length === 0) return [{ ...noGateway, isNarrow: cause === "connections" }];
  if (own.length > most) return [together(own)];
  if (own.length > 1) for (const node of own) node.title = `gateway ${nameParts(node.name).own}`;
  return own;
}

const noGateway = {
  id: "gateway", kind: "gateway", title: "gateway", name: UNNAMED, detail: calls(0), calls: 0, pods: new Map(),
  ready: null, note: "",
};

function together(own) {
  const pods = new Map();
  for (const node of own) for (const [pod, number] of node.pods) pods.set(pod, (pods.get(pod) ?? 0) + number);
  const all = sum(own.map(({ calls: number }) => number));
  const ready = sum(own.map((node) => node.ready ?? 0));
  return {
    ...own[0], id: "gateway (all)", title: count(own.length, "gateway"), detail: calls(all), calls: all, pods, ready,
    note: count(ready, "connection"),
  };
}

/** A virtual IP or a proxy for all gateways, or a proxy beside each. */
function middleNodes({ middle, proxy }, gateways, channel, cause) {
  if (!middle) return [];
  const isService = middle === "service";
  const title = isService ? "virtual IP" : proxy;
  const address = channel.addresses[0]?.replace(/:\d+$/, "") ?? "";
  const make = (id, number, of) => ({
    id, kind: isService ? "service" : "proxy", title, detail: calls(number), calls: number, of,
    note: middle === "sidecar" ? "in the same pod" : address, isNarrow: isService && cause === "addresses",
  });
  if (middle === "sidecar") return gateways.map(({ id, calls: number }) => make(`proxy of ${id}`, number, id));
  return [make(isService ? "service" : "proxy", sum(gateways.map(({ calls: number }) => number)), null)];
}

/** What lists addresses stands beside, for no call goes through it. */
function sourceNode({ source, isAsked }, channel, cause) {
  const found = channel.addresses.length;
  const age = channel.isPushed || channel.lastLookup === null ? "" : ago(Math.round(channel.lastLookup));
  const told = channel.isPushed ? "tells every change" : age;
  return {
    id: "source", kind: "source", title: source, calls: 0,
    detail: isAsked ? `${figure(found)} ${noun(found, "address")}` : "lists the pods",
    note: isAsked ? told : "", isNarrow: cause === "addresses" && channel.addressKind !== "service",
    value: isAsked ? found : null,
  };
}

/** Those that answer come first if not all can be drawn. */
function podNodes(rows, gone) {
  const drawn = new Set([...rows].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_PODS));
  const nodes = rows.filter((row) => drawn.has(row)).map(podNode);
  const rest = rows.filter((row) => !drawn.has(row));
  const others = [
    ...(rest.length > 0 ? [asOne("more", `${figure(rest.length)} more`, rest)] : []),
    ...(gone.some(({ recent }) => recent > 0) ? [asOne("gone", "gone", gone)] : []),
  ];
  return [...nodes, ...others];
}

function rank({ state }) {
  return isLively(state) ? 0 : state === "silent" ? 1 : 2;
}

function podNode(row) {
  return {
    id: row.key, kind: "pod", title: podLabel(row), names: [row.name], address: row.address, calls: row.recent,
    detail: row.recent > 0 ? figure(row.recent) : row.hasLeft ? "gone" : "idle",
    condition: conditionOf(row)?.kind ?? null, note: conditionOf(row)?.word ?? "", why: conditionTexts(row).join("; "),
    colour: row.recent > 0 ? row.colour : null, state: row.state, row, hasLeft: row.hasLeft,
    pod: row.name ?? row.address,
  };
}

function asOne(id, title, rows) {
  const number = sum(rows.map(({ recent }) => recent));
  return {
    id, kind: "pod", title, names: rows.map(({ name }) => name), address: null, calls: number,
    detail: number > 0 ? figure(number) : "idle",
    colour: null, state: number > 0 ? "silent" : "idle", row: null, hasLeft: id === "gone",
  };
}

function middleEdges(gateways, middles) {
  return gateways.flatMap(({ id, calls: number }) => middles
    .filter(({ of }) => of === null || of === id)
    .map((middle) => edge(id, middle.id, number > 0 ? "calls" : "open", number)));
}

/** From whoever chooses the pod. Nothing leads to a pod that a gateway does not know. */
function podEdges(gateways, middles, pods, shape) {
  const isOne = gateways.length === 1 || (shape.middle && shape.middle !== "sidecar");
  const choosers = middles.length > 0 ? middles : gateways;
  const edges = [];
  for (const pod of pods) {
    choosers.forEach((chooser, index) => {
      const number = isOne ? pod.calls : sum(pod.names.map((name) => gateways[index].pods.get(name) ?? 0));
      if (number > 0) edges.push(edge(chooser.id, pod.id, "calls", number, pod.colour));
      else if (pod.hasLeft || !pod.row) return;
      else if (middles.length > 0) edges.push(edge(chooser.id, pod.id, "possible"));
      else if (pod.row.isConnected) edges.push(edge(chooser.id, pod.id, "open"));
      else if (pod.row.isKnown) edges.push(edge(chooser.id, pod.id, "known"));
    });
  }
  return edges;
}
