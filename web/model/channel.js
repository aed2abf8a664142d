// The gateway's account of its gRPC channel, reduced to what the page speaks of. No DOM and no network.

/** Takes any JSON, for what answers may not be the gateway; null if it is no account of a channel. */
export function channelFacts(json) {
  if (typeof json?.target !== "string" || typeof json.policy !== "string") return null;
  const resolver = json.resolver ?? {};
  const subchannels = array(json.subchannels).map((subchannel) => ({
    address: String(subchannel?.address),
    state: String(subchannel?.state),
    picks: number(subchannel?.picks) ?? 0,
    inFlight: number(subchannel?.inFlight) ?? 0,
    lastError: text(subchannel?.lastError),
    lastGoAway: text(subchannel?.lastGoAway),
  }));
  return {
    target: json.target,
    policy: json.policy,
    mode: text(json.mode),
    state: String(json.state),
    queued: number(json.queued) ?? 0,
    addresses: array(resolver.addresses).map(String),
    addressKind: addressKind(json.target, text(json.mode)),
    isPushed: /^(kubernetes|etcd|consul):/.test(json.target),
    timeToLive: number(resolver.ttlSeconds),
    lookups: number(resolver.lookups) ?? 0,
    lastLookup: number(resolver.lastLookupSecondsAgo),
    nextLookup: number(resolver.nextLookupInSeconds),
    lastError: text(resolver.lastError),
    subchannels,
    ready: subchannels.filter(({ state }) => state === "READY").length,
  };
}

/**
 * What an address of the target stands for, as far as it is told: "pod" for a headless Service's name and for what comes
 * from a registry or Kubernetes' API, "proxy" in a mode that has one, "service" for another name in DNS, whose one
 * address is a virtual IP, "given" for addresses that are written in the target.
 */
function addressKind(target, mode) {
  if (["envoy", "envoy-sidecar", "nginx", "mesh"].includes(mode)) return "proxy";
  if (/^(kubernetes|etcd|consul):/.test(target)) return "pod";
  // What follows the colon of a scheme is more than a port.
  const [, scheme, rest] = /^(?:([a-z][a-z0-9+.-]*):(?!\d+$))?(?:\/\/[^/]*\/)?(.*)$/i.exec(target);
  if (scheme && scheme !== "dns") return "given";
  const host = rest.replace(/:\d+$/, "");
  if (/^[\d.]+$|^\[|^localhost$/.test(host)) return "given";
  return host.split(".")[0].includes("headless") ? "pod" : "service";
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
