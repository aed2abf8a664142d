// How many requests were completed in each of the last 60 seconds, by pod. No DOM and no network.

export const SECONDS = 60;

export class History {
  #columns = new Map(); // second → Map(pod → count); errors have the key null

  /** `pod` is null for a request that failed; `now` in milliseconds. */
  add(pod, now) {
    const second = Math.floor(now / 1000);
    let column = this.#columns.get(second);
    if (!column) {
      this.#columns.set(second, (column = new Map()));
      for (const old of this.#columns.keys()) if (old < second - SECONDS) this.#columns.delete(old);
    }
    column.set(pod, (column.get(pod) ?? 0) + 1);
  }

  /** The 60 seconds that end with `last`, which is a whole number of seconds: an array of Map(pod → count). */
  columns(last) {
    return Array.from({ length: SECONDS }, (_, index) => this.#columns.get(last - SECONDS + 1 + index) ?? new Map());
  }
}
