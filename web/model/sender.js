// When to send a request: a wanted rate, a bound on how many wait for their answer, nothing piled up. No DOM and no
// network; time is a parameter, in milliseconds.

/** A browser opens six connections to one origin: one is for looks at the channel, one for the stream of events. */
export const MOST_IN_FLIGHT = 4;

/** The reached rate is taken over this. */
const PACE_WINDOW = 3_000;

export class Sender {
  #send;
  #credit = 0; // requests that are due
  #lastTick = null;
  #steadySince = null; // since when it runs at this rate
  #started = []; // when the last ones were sent
  #waiting = new Map(); // a key for each request under way → when it was sent

  rate;
  isRunning = false;
  /** What is left of a burst. */
  queued = 0;

  /** `send(now)` sends one request and returns a promise that is fulfilled when it has been answered or has failed. */
  constructor(send, rate) {
    this.#send = send;
    this.rate = rate;
  }

  get inFlight() {
    return this.#waiting.size;
  }

  get isBusy() {
    return this.isRunning || this.queued > 0 || this.inFlight > 0;
  }

  start(now) {
    this.isRunning = true;
    this.#begin(now);
  }

  /** No further request; those under way are waited for, so that what is counted is what the pods have served. */
  stop() {
    this.isRunning = false;
    this.queued = 0;
  }

  setRate(rate, now) {
    this.rate = rate;
    this.#begin(now);
  }

  /** As fast as answers come. */
  burst(count, now) {
    this.queued += count;
    this.#fill(now);
  }

  /** To be called often while it runs. Time without calls is not made up for, beyond a twentieth of a second. */
  tick(now) {
    if (this.isRunning) {
      this.#credit += ((now - this.#lastTick) / 1000) * this.rate;
      this.#lastTick = now;
      this.#credit = Math.min(this.#credit, Math.max(1, this.rate / 20));
    }
    this.#fill(now);
  }

  /** How long the oldest request has been waiting for its answer. */
  oldestWait(now) {
    const [oldest = now] = this.#waiting.values();
    return now - oldest;
  }

  /** Requests a second that were really sent, or null while it is too early to tell. */
  pace(now) {
    if (!this.isRunning || now - this.#steadySince < PACE_WINDOW) return null;
    return this.#started.filter((at) => at > now - PACE_WINDOW).length / (PACE_WINDOW / 1000);
  }

  #begin(now) {
    this.#credit = 1;
    this.#lastTick = now;
    this.#steadySince = now;
  }

  #fill(now) {
    while (this.inFlight < MOST_IN_FLIGHT) {
      if (this.queued > 0) this.queued -= 1;
      else if (this.isRunning && this.#credit >= 1) this.#credit -= 1;
      else return;
      this.#launch(now);
    }
  }

  #launch(now) {
    const key = {};
    this.#waiting.set(key, now);
    this.#started.push(now);
    while (this.#started[0] <= now - PACE_WINDOW) this.#started.shift();
    this.#send(now).finally(() => this.#waiting.delete(key));
  }
}
