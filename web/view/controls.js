// Start and stop, the rate, and whether the wanted rate is reached.

import { MOST_IN_FLIGHT } from "../model/sender.js";
import { capital, count, figure, inWords, span } from "../model/words.js";
import { find, setData, setText } from "./dom.js";

/** Requests a second. */
const RATES = [1, 2, 5, 10, 20, 50, 100, 200];

/** A wait this long is told, in ms. */
const LONG_WAIT = 2_000;

const most = inWords(MOST_IN_FLIGHT);
const slider = find("#rate");

export function wantedRate() {
  return RATES[slider.valueAsNumber];
}

export function connectControls({ onToggle, onRate, onBurst, onClear }) {
  find("#toggle").addEventListener("click", onToggle);
  find("#burst").addEventListener("click", onBurst);
  find("#clear").addEventListener("click", onClear);
  slider.addEventListener("input", () => {
    showRate();
    onRate();
  });
  showRate();
}

function showRate() {
  const rate = figure(wantedRate());
  setText(find("#rate-value"), rate);
  slider.setAttribute("aria-valuetext", `${rate} a second`);
}

/** `isHidden` tells that the page is not seen, and so nothing is sent. */
export function showControls(sender, now) {
  setText(find("#toggle"), sender.isRunning ? "Stop" : "Start");
  setData(find("#controls"), "state", sender.isRunning ? "running" : sender.isBusy ? "finishing" : "idle");
  const [text, isShort] = pace(sender, now);
  setText(find("#pace"), text);
  setData(find("#pace"), "short", isShort);
}

function pace(sender, now) {
  const wait = sender.oldestWait(now);
  if (wait >= LONG_WAIT) {
    const waiting = `${capital(count(sender.inFlight, "request"))} ${sender.inFlight === 1 ? "is" : "are"} waiting`;
    const bound = sender.isRunning ? `; more than ${most} at once are not sent` : "";
    return [`${waiting} for an answer, one for ${span(wait)}${bound}.`, true];
  }
  const reached = sender.pace(now);
  if (reached !== null && reached < sender.rate * 0.9) {
    return [
      `Reaches ${figure(Math.round(reached))} of ${figure(sender.rate)} a second: the next one waits while ${most} are `
        + "under way.", true,
    ];
  }
  if (sender.queued > 0) return [`${figure(sender.queued)} left to send.`, false];
  if (sender.isRunning) return [`At most ${most} requests are under way at once.`, false];
  return ["Nothing is sent until you press Start, nor while this page is hidden.", false];
}
