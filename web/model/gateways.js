// Which gateways there are, and what each says of its channel. A look at /go/channel reaches one of them, as nginx and
// the Service's virtual IP have it; so what was learnt of the others is kept. No DOM and no network.

import { hostOf } from "./conditions.js";

/** A gateway counts as long as it was heard in this time, in ms … */
const HEARD_WITHIN = 10_000;
/** … or until so many answers for each gateway came from others: while little is asked, chance makes one silent, too. */
const MISSED = 8;
/** … but no longer than this: with a look a second and no requests, one that has left must not count for minutes. */
const FORGOTTEN_AFTER = 20_000;
/** Bounds what is remembered. */
const MOST = 50;

/** The name of a gateway that does not tell its own. */
export const UNNAMED = "gateway";

export class Gateways {
  #known = new Map(); // name → { facts, at, heard, contact }
  #contacts = 0;

  /** One of its answers came, of whatever kind. */
  heard(name, now) {
    const key = name ?? UNNAMED;
    const gateway = this.#known.get(key) ?? { facts: null, at: -Infinity };
    gateway.heard = now;
    gateway.contact = ++this.#contacts;
    this.#known.delete(key); // the one that was heard last is the last
    this.#known.set(key, gateway);
    if (this.#known.size > MOST) this.#known.delete(this.#known.keys().next().value);
    return gateway;
  }

  note(facts, now) {
    Object.assign(this.heard(facts.gateway, now), { facts, at: now });
  }

  /** The names of those that answer, in the order of the alphabet, so that nobody changes places. */
  names(now) {
    const names = this.#present(now).map(([name]) => name);
    return names.length > 1 ? names.filter((name) => name !== UNNAMED) : names;
  }

  #present(now) {
    for (const [name, { heard }] of this.#known) if (now - heard >= FORGOTTEN_AFTER) this.#known.delete(name);
    const fresh = [...this.#known.values()].filter(({ heard }) => now - heard < HEARD_WITHIN).length;
    const patience = MISSED * (fresh + 1);
    return [...this.#known]
      .filter(([, { heard, contact }]) => now - heard < HEARD_WITHIN || this.#contacts - contact < patience)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /**
   * What all of them say, or null before the first account: the newest account, and besides
   *  - `gateways`: names of those that answer
   *  - `accounts`: { gateway, facts } of each that has given one
   *  - `pods`: all pods behind the Service as the newest account lists them, with what any gateway knows of each; null
   *    where no gateway lists them
   *  - `podsAt`: when that account came
   */
  view(now) {
    const accounts = this.#present(now).filter(([, { facts }]) => facts);
    if (accounts.length === 0) return null;
    const byAge = accounts.map(([, gateway]) => gateway).sort((a, b) => b.at - a.at);
    const listing = byAge.find(({ facts }) => facts.pods);
    return {
      ...byAge[0].facts,
      gateways: this.names(now),
      accounts: accounts.map(([gateway, { facts, at }]) => ({ gateway, facts, at })),
      pods: listing ? merged(listing.facts.pods, byAge) : null,
      podsAt: listing?.at ?? null,
    };
  }
}

/**
 * A name that one gateway has learnt is true for all; a later account has the better one. Of trouble the one counts
 * that was heard of last. What keeps calls away is told by the channels that have a connection to the pod.
 */
function merged(pods, byAge) {
  return pods.map((pod) => {
    const told = byAge.flatMap(({ facts }) => facts.pods?.filter(({ address }) => address === pod.address) ?? []);
    const age = ({ troubleAgo }) => troubleAgo ?? 0;
    const troubled = told.filter(({ trouble }) => trouble).sort((a, b) => age(a) - age(b));
    const isOwn = ({ address }) => hostOf(address) === pod.address;
    const own = byAge.flatMap(({ facts }) => facts.subchannels?.filter(isOwn) ?? []);
    const away = own.filter(({ health }) => health === "NOT_SERVING");
    return {
      trouble: troubled[0]?.trouble ?? null,
      troubleAgo: troubled[0]?.troubleAgo ?? null,
      ejection: ejectionOf(own),
      notServing: own.length > 0 && away.length === own.length ? away[0].healthReason ?? "NOT_SERVING" : null,
      address: pod.address,
      name: told.find(({ name }) => name)?.name ?? null,
      isKnown: told.some(({ isKnown }) => isKnown),
      isConnected: told.some(({ isConnected }) => isConnected),
    };
  });
}

/** As long as one of them keeps calls away. */
function ejectionOf(subchannels) {
  const ejected = subchannels.filter(({ ejection }) => ejection).map(({ ejection }) => ejection);
  if (ejected.length === 0) return null;
  const last = ejected.reduce((a, b) => (b.left > a.left ? b : a));
  return { ...last, by: ejected.length, of: subchannels.length };
}
