// What channels have told of themselves: one list, without doubles, of what comes by the event stream and by looks at
// the channel. No DOM and no network.

/** A gateway keeps as many. */
const MOST = 200;

export class EventLog {
  #events = new Map(); // id → event
  #sorted = null;

  /** Another one after each that was news: also of one that is older than the latest. */
  version = 0;

  /** Takes any JSON; whether it was news. */
  add(json) {
    const event = eventOf(json);
    if (!event || this.#events.has(event.id)) return false;
    this.#events.set(event.id, event);
    this.#sorted = null;
    this.version += 1;
    if (this.#events.size > 2 * MOST) this.#events = new Map(this.latest.map((kept) => [kept.id, kept]));
    return true;
  }

  /** The latest first. */
  get latest() {
    this.#sorted ??= [...this.#events.values()].sort((a, b) => b.at - a.at || b.number - a.number).slice(0, MOST);
    return this.#sorted;
  }
}

function eventOf(json) {
  const at = Date.parse(json?.time);
  if (typeof json?.id !== "string" || typeof json.message !== "string" || !Number.isFinite(at)) return null;
  return {
    id: json.id,
    number: Number(/:(\d+)$/.exec(json.id)?.[1] ?? 0),
    at,
    gateway: typeof json.gateway === "string" ? json.gateway : "",
    kind: typeof json.kind === "string" ? json.kind : "",
    message: json.message,
    tone: toneOf(json),
  };
}

/** "bad" is what nobody wants, "good" what gives more pods calls, "plain" what belongs to the day's work. */
function toneOf({ kind, to, code, removed }) {
  if (["lookup-failed", "connect-failed", "connection-lost"].includes(kind)) return "bad";
  if (kind === "state") return { READY: "good", TRANSIENT_FAILURE: "bad" }[to] ?? "plain";
  if (kind === "goaway") return code === undefined || code === "NO_ERROR" ? "plain" : "bad";
  if (kind === "addresses") return removed?.length > 0 ? "plain" : "good";
  return kind === "connected" ? "good" : "plain";
}
