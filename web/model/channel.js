// One gateway's account of its gRPC channel, reduced to what the page speaks of. No DOM and no network.

/** Takes any JSON, for what answers may not be the gateway; null if it is no account of a channel. */
export function channelFacts(json) {
  if (typeof json?.target !== "string" || typeof json.policy !== "string") return null;
  const resolver = json.resolver ?? {};
  const subchannels = array(json.subchannels).map((subchannel) => ({
    address: String(subchannel?.address),
    state: String(subchannel?.state),
    picks: number(subchannel?.picks) ?? 0,
    inFlight: number(subchannel?.inFlight) ?? 0,
    health: text(subchannel?.health),
    healthReason: text(subchannel?.healthReason),
    weight: number(subchannel?.weight),
    latency: number(subchannel?.latencyMilliseconds),
    ejection: ejection(subchannel?.ejection),
    lastError: text(subchannel?.lastError),
    lastErrorAgo: number(subchannel?.lastErrorSecondsAgo),
    lastGoAway: text(subchannel?.lastGoAway),
    lastGoAwayAgo: number(subchannel?.lastGoAwaySecondsAgo),
  }));
  const mode = text(json.mode);
  const service = json.serviceConfig?.healthCheckService;
  return {
    gateway: text(json.gateway),
    target: json.target,
    policy: json.policy,
    childPolicy: text(json.childPolicy),
    chooser: text(json.childPolicy) ?? json.policy,
    mode,
    state: String(json.state),
    idleReason: text(json.idleReason),
    queued: number(json.queued) ?? 0,
    addresses: array(resolver.addresses).map(String),
    addressKind: addressKind(json.target, mode),
    isPushed: isPushed(json.target),
    timeToLive: number(resolver.ttlSeconds),
    lookups: number(resolver.lookups) ?? 0,
    lastLookup: number(resolver.lastLookupSecondsAgo),
    nextLookup: number(resolver.nextLookupInSeconds),
    lastError: text(resolver.lastError),
    lastErrorAgo: number(resolver.lastErrorSecondsAgo),
    subchannels,
    ready: subchannels.filter(({ state }) => state === "READY").length,
    pods: Array.isArray(json.pods) ? json.pods.map(podFacts).filter(({ address }) => address) : null,
    podSource: podSource(json.podSource),
    methods: number(json.serviceConfig?.methods) ?? 0,
    healthService: typeof service === "string" ? service : null, // the empty one is the whole server
    retryTokens: retryTokens(json.serviceConfig?.retryThrottling),
  };
}

function ejection(told) {
  const [left, since] = [number(told?.secondsLeft), number(told?.secondsAgo)];
  if (left === null || since === null) return null;
  return { left, since, failed: number(told.failed) ?? 0, calls: number(told.calls) ?? 0 };
}

function retryTokens(told) {
  const [tokens, most] = [number(told?.tokens), number(told?.maxTokens)];
  return tokens === null || most === null ? null : { tokens, most, isThrottling: told.throttling === true };
}

/** The modes in which something between the gateway and the pods chooses for each call. */
const PROXIES = ["envoy", "envoy-sidecar", "nginx", "mesh"];

/**
 * What an address of the target stands for, as far as it is told: "pod" for a headless Service's name and for what
 * comes from a registry or Kubernetes' API, "proxy" in a mode that has one, "service" for another name in DNS, whose
 * one address is a virtual IP, "given" for addresses that are written in the target.
 */
function addressKind(target, mode) {
  if (PROXIES.includes(mode)) return "proxy";
  if (isPushed(target)) return "pod";
  const { scheme, host } = targetParts(target);
  if (scheme && scheme !== "dns") return "given";
  if (/^[\d.]+$|^\[|^localhost$/.test(host)) return "given";
  return host.split(".")[0].includes("headless") ? "pod" : "service";
}

function isPushed(target) {
  return /^(kubernetes|etcd|consul):/.test(target);
}

/** What follows the colon of a scheme is more than a port. */
export function targetParts(target) {
  const [, scheme = null, rest] = /^(?:([a-z][a-z0-9+.-]*):(?!\d+$))?(?:\/\/[^/]*\/)?(.*)$/i.exec(target);
  return { scheme, host: rest.replace(/:\d+$/, "") };
}

function podFacts(pod) {
  return {
    address: text(pod?.address),
    name: text(pod?.name),
    isKnown: pod?.known === true,
    isConnected: pod?.connected === true,
    trouble: text(pod?.trouble),
    troubleAgo: number(pod?.troubleSecondsAgo),
  };
}

function podSource(source) {
  if (typeof source?.target !== "string") return null;
  return { target: source.target, lookups: number(source.lookups) ?? 0, lastError: text(source.lastError) };
}

function array(value) {
  return Array.isArray(value) ? value : [];
}

function number(value) {
  return Number.isFinite(value) ? value : null;
}

function text(value) {
  return typeof value === "string" && value !== "" ? value : null;
}
