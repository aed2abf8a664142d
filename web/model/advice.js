// What to try next, and what to expect of it. No DOM and no network.

import { isLively } from "./tally.js";
import { count, inWords } from "./words.js";

/** Two lines of three, or three of two; more would not be read. */
const MOST = 6;

/**
 * `rows` are the roster's, `channel` the view of model/gateways.js or null. Each entry: { title, local, cluster,
 * expect }: what one types where samplectl runs the system, and in a cluster.
 */
export function advice({ rows, channel, isOne }) {
  if (!channel) return [];
  const about = facts(rows, channel);
  const all = isOne
    ? [spread(about), scale(about), slow(about), secondGateway(about), restart(about), kill(about)]
    : [scale(about), restart(about), slow(about), kill(about), spread(about), secondGateway(about)];
  return all.filter(Boolean).slice(0, MOST);
}

/** The release is known by the name of a gateway's pod: RELEASE-gateway-HASH-ABCDE. */
function facts(rows, channel) {
  const [, release = "sample-service"] = /^(.+)-gateway-[a-z0-9]+-[a-z0-9]{5}$/.exec(channel.gateways[0] ?? "") ?? [];
  const pods = rows.filter(({ isListed, state }) => isListed || isLively(state));
  const busiest = pods.reduce((most, pod) => (pod.recent > (most?.recent ?? 0) ? pod : most), null);
  const gateways = channel.gateways.length;
  return { rows, channel, release, pods: pods.length, busiest, gateways, kind: kindOf(channel) };
}

/** How new pods get to their calls. */
function kindOf({ mode, chooser, addressKind, isPushed }) {
  if (addressKind === "proxy") return mode === "mesh" ? "mesh" : "proxy";
  if (addressKind === "service" || addressKind === "given") return "connection";
  if (chooser === "pick_first") return "first";
  return isPushed ? "told" : "looked-up";
}

const newPods = {
  connection: "The new pods stay grey: a pod is chosen for a connection, and the connection is there already.",
  first: "The new pods stay grey: pick_first keeps to one address as long as its connection lasts.",
  "looked-up": "The new pods are grey at first. When a connection reaches its age and ends, the gateway looks the "
    + "name up again, and they get their share.",
  told: "The new pods have their share within a second: the source tells the gateway at once.",
  proxy: "The new pods have their share within seconds: as soon as the proxy has looked the name up again.",
  mesh: "The new pods have their share within a second: the mesh tells its proxies at once.",
};

function scale({ pods, release, kind }) {
  if (pods === 0) return null;
  const wanted = pods >= 10 ? 5 : 2 * pods;
  const fewer = "The pods that go finish what they have, then leave this page. Nothing fails.";
  return {
    title: `Scale ${inWords(pods)} to ${count(wanted, "pod")}`,
    local: `samplectl scale grpc=${wanted}`,
    cluster: `kubectl scale deployment/${release}-grpc --replicas=${wanted}`,
    expect: wanted > pods ? newPods[kind] : fewer,
  };
}

function restart({ release, kind }) {
  const isOne = kind === "connection" || kind === "first";
  return {
    title: "Replace every pod",
    local: "samplectl restart grpc",
    cluster: `kubectl rollout restart deployment/${release}-grpc`,
    expect: isOne ? "Calls stay on one pod until it goes, then all move on to another. Nothing fails."
      : "Pods come and go one by one, and the shares go with them. Nothing fails.",
  };
}

function kill({ busiest, kind }) {
  if (!busiest?.name) return null;
  const isOne = kind === "connection" || kind === "first";
  return {
    title: "Kill the busiest pod",
    local: `samplectl kill ${busiest.name}`,
    cluster: `kubectl delete pod ${busiest.name} --grace-period=0 --force`,
    expect: `What it is working on fails; ${isOne ? "another pod gets" : "the others get"} the rest at once.`,
  };
}

/** What becomes of a slow pod's calls, by the policy that chooses. */
const slowed = {
  pick_first: "pick_first does not look: all of its calls, or none, take that much longer.",
  round_robin: "Its calls take that much longer: round_robin does not look at time. Then try policy=peak_ewma.",
  weighted_round_robin: "Its calls take that much longer: a pod that waits is not busy, and keeps its weight.",
  least_request: "It gets fewer calls, because those it has are under way for longer.",
  peak_ewma: "It gets hardly any call: one slow answer counts for a minute.",
};

/** One slow pod, or the end of it. */
function slow({ rows, channel, busiest, kind }) {
  const troubled = rows.find(({ trouble, name, isListed }) => trouble && name && isListed);
  const name = troubled?.name ?? busiest?.name;
  if (!name) return null;
  const post = (query) => `kubectl port-forward ${name} 9090 & curl -X POST "localhost:9090/trouble?${query}"`;
  if (troubled) {
    return {
      title: "End the trouble", local: `samplectl trouble ${name} off`, cluster: post("off"),
      expect: "The pod is as quick as the others again; who has measured it finds out with time.",
    };
  }
  const isOne = kind === "connection" || kind === "first";
  const chooser = isOne ? "pick_first" : channel.chooser;
  return {
    title: "Slow one pod down",
    local: `samplectl trouble ${name} delay=200ms`,
    cluster: post("delay=200ms"),
    expect: kind === "proxy" || kind === "mesh"
      ? "What the proxy makes of it its own policy says: see the pod’s share and p95."
      : `${slowed[chooser] ?? slowed.round_robin} In a cluster it takes grpc.trouble=true.`,
  };
}

/** The remedy, or the way back to the problem. */
function spread({ channel: { mode }, kind, pods }) {
  if (kind === "first" && mode) {
    return {
      title: "Let the policy take turns",
      local: "samplectl set policy=round_robin",
      cluster: `make deploy MODE=${mode} ARGS="--set loadBalancing.policy=round_robin"`,
      expect: "A connection to every address, and calls to each in turn.",
    };
  }
  if (!mode) return null;
  const isProblem = kind === "connection";
  const wanted = isProblem ? "headless" : "clusterip";
  const all = pods > 1 ? `All ${inWords(pods)} pods` : "All pods";
  return {
    title: isProblem ? "Let the gateway know every pod" : "See the problem",
    local: `samplectl set mode=${wanted}`,
    cluster: `make deploy MODE=${wanted}`,
    expect: isProblem ? `${all} answer, each as often as the others.`
      : "One connection to a virtual IP: one pod gets everything.",
  };
}

function secondGateway({ release, gateways, kind }) {
  const wanted = gateways === 1 ? 2 : 1;
  const expect = kind === "connection" || kind === "first"
    ? "Each gateway has a connection of its own, and so a pod of its own, if chance does not choose the same twice."
    : "Each gateway spreads its own calls over all pods.";
  return {
    title: wanted === 2 ? "Add a second gateway" : "Go back to one gateway",
    local: `samplectl scale gateway=${wanted}`,
    cluster: `kubectl scale deployment/${release}-gateway --replicas=${wanted}`,
    expect: wanted === 2 ? expect : "The sums stay what they are; one gateway makes all calls.",
  };
}
