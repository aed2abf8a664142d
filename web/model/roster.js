// All pods there are, as one list: those behind the Service, whether they answer or not, and those that answered. An
// address from the source and a name from an answer are one pod as soon as a gateway knows both. No DOM and no network.

/** A pod that its source no longer lists, and that does not answer, stays so long, to be seen going, in ms. */
const LEAVES_AFTER = 10_000;
/** Where no source lists the pods, one that has fallen silent stays so long. */
const SILENT_FOR = 15_000;

export class Roster {
  #pods = []; // { key, name, address, leftAt, isListed, isKnown, isConnected }, in the order in which they came
  #hasSource = false;
  #made = 0;

  /** `pods` as in the view of model/gateways.js; null where no gateway lists them. */
  list(pods, now) {
    if (!pods) return;
    this.#hasSource = true;
    const listed = new Set();
    for (const { address, name, isKnown, isConnected, ...conditions } of sorted(pods)) {
      const pod = this.#find(address, name);
      const isSecond = listed.has(pod); // a pod may have two addresses
      listed.add(pod);
      Object.assign(pod, {
        name: name ?? pod.name,
        address: isSecond ? pod.address : address,
        leftAt: null,
        isListed: true,
        isKnown: isKnown || (isSecond && pod.isKnown),
        isConnected: isConnected || (isSecond && pod.isConnected),
        ...(isSecond ? present(conditions) : conditions),
      });
    }
    for (const pod of this.#pods) {
      if (!pod.isListed || listed.has(pod)) continue;
      Object.assign(pod, { isListed: false, isKnown: false, isConnected: false, leftAt: now, ...sound });
    }
  }

  /** An address may have been given to another pod meanwhile: then it has another name. */
  #find(address, name) {
    const isHere = (pod) => pod.address === address && pod.leftAt === null;
    const byName = this.#pods.find((pod) => name !== null && pod.name === name);
    const byAddress = this.#pods.find((pod) => isHere(pod) && (pod.name === null || name === null));
    // Its name came with an answer, before a gateway told whose address it is.
    if (byName && byAddress && byName !== byAddress && byName.address === null) {
      this.#pods = this.#pods.filter((pod) => pod !== byName);
      return byAddress;
    }
    return byName ?? byAddress ?? this.#add({ name, address });
  }

  #add({ name = null, address = null }) {
    const pod = {
      key: `pod-${++this.#made}`, name, address, leftAt: null, isListed: false, isKnown: false, isConnected: false,
      ...sound,
    };
    this.#pods.push(pod);
    return pod;
  }

  /**
   * One row for each pod that is there, with what `snapshot` has of it: besides its members there `key`, `address`,
   * `isListed`, `isKnown`, `isConnected`, `hasLeft`, and what is wrong with it (see model/conditions.js);
   * `name` is null for a pod that never said it. Then those that have answered and are there no more, likewise. `at` is
   * the time of the snapshot, which stands still while nothing is asked, and `now` that of the clock.
   */
  rows(snapshot, { at, now, isRunning }) {
    const answers = new Map(snapshot.pods.map((pod) => [pod.name, pod]));
    const named = new Set(this.#pods.map(({ name }) => name));
    for (const { name } of snapshot.pods) if (!named.has(name)) this.#add({ name });
    const rowOf = (pod) => ({ ...silent, ...answers.get(pod.name), ...pod, hasLeft: pod.leftAt !== null });
    const rows = this.#pods.map(rowOf);
    const isThere = (row) => {
      if (row.isListed) return true;
      if (this.#hasSource && row.leftAt !== null) {
        return now - Math.max(row.leftAt, row.lastSeen ?? 0) < LEAVES_AFTER || (isRunning && row.recent > 0);
      }
      return row.recent > 0 || (!this.#hasSource && row.lastSeen !== null && at - row.lastSeen < SILENT_FOR);
    };
    const gone = rows.filter((row) => !isThere(row));
    this.#forget(gone);
    return { rows: rows.filter(isThere), gone: gone.filter(({ count }) => count > 0) };
  }

  /** Whether somebody answered whose address no gateway has told yet. */
  get isPuzzled() {
    return this.#hasSource && this.#pods.some(({ name, address }) => name !== null && address === null)
      && this.#pods.some(({ name, isListed }) => name === null && isListed);
  }

  /** Who never answered leaves no trace; who did is kept in the tally. */
  #forget(gone) {
    const forgotten = new Set(gone.filter(({ count }) => count === 0).map(({ key }) => key));
    if (forgotten.size > 0) this.#pods = this.#pods.filter(({ key }) => !forgotten.has(key));
  }
}

const sound = { trouble: null, troubleAgo: null, ejection: null, notServing: null };

const silent = {
  colour: null, count: 0, recent: 0, share: 0, state: "idle", since: null, lastSeen: null, median: null, p95: null,
};

function present(facts) {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== null));
}

/** DNS turns the order round with each answer. */
function sorted(pods) {
  return [...pods].sort((a, b) => a.address.localeCompare(b.address, "en", { numeric: true }));
}
