// What has been answered so far, and what to say of it. No DOM and no network: it runs anywhere.

export class Tally {
  #answers = new Map(); // pod → count
  #problems = new Map(); // message → count

  addAnswer(pod) {
    this.#answers.set(pod, (this.#answers.get(pod) ?? 0) + 1);
  }

  addProblem(message) {
    this.#problems.set(message, (this.#problems.get(message) ?? 0) + 1);
  }

  get answered() {
    return sum(this.#answers);
  }

  get failed() {
    return sum(this.#problems);
  }

  /** One entry a pod, in the order of names, so that rows stay where they are; `bar` is relative to the busiest pod. */
  get pods() {
    const most = Math.max(...this.#answers.values());
    return [...this.#answers]
      .map(([name, count]) => ({ name, count, share: count / this.answered, bar: count / most }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The most frequent first. */
  get problems() {
    return [...this.#problems]
      .map(([message, count]) => ({ message, count }))
      .sort((a, b) => b.count - a.count);
  }

  get sentence() {
    const pods = this.#answers.size;
    const answers = `${this.answered} ${this.answered === 1 ? "answer" : "answers"}`;
    const failed = this.failed ? ` ${this.failed} failed.` : "";
    if (pods === 0) return this.failed ? `No answer.${failed}` : "Nothing sent yet.";
    if (pods > 1) return `${answers} from ${pods} pods.${failed}`;
    if (this.answered === 1) return `1 answer.${failed}`;
    return `All ${answers} came from one pod: either there is no other, or the gateway has one connection only.${failed}`;
  }
}

function sum(counts) {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
