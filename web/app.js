// Sends requests and shows who answered. Whatever comes from the network reaches the page as text, never as markup.

import { History } from "./model/history.js";
import { Sender } from "./model/sender.js";
import { describe } from "./model/sentence.js";
import { sum } from "./model/statistics.js";
import { Tally } from "./model/tally.js";
import { watchChannel } from "./network/channel.js";
import { askOnce } from "./network/request.js";
import { showChannel } from "./view/channel.js";
import { showChart } from "./view/chart.js";
import { connectControls, showControls, wantedRate } from "./view/controls.js";
import { showFinding, showFlow } from "./view/finding.js";
import { showPods, showProblems } from "./view/pods.js";

/** Milliseconds: between two looks at what is due; between two drawings; between two changes of the sentence. */
const TICK = 10;
const DRAW = 250;
const RETHINK = 1_000;

const BURST = 100;

let tally = new Tally();
let history = new History();
let channel = { facts: null, problem: null };
let seen = channel; // the channel when requests were last under way: what explains their answers
let ticker = null;
let thoughtAt = -Infinity;

const sender = new Sender(ask, wantedRate());

async function ask() {
  // What is cleared meanwhile does not count this answer.
  const [counts, times] = [tally, history];
  const result = await askOnce();
  const now = performance.now();
  if (result.pod) counts.addAnswer(result, now);
  else counts.addProblem(result, now);
  times.add(result.pod ?? null, now);
}

connectControls({
  onToggle() {
    if (sender.isRunning) sender.stop();
    else sender.start(performance.now());
    wake();
  },
  onRate() {
    sender.setRate(wantedRate(), performance.now());
  },
  onBurst() {
    sender.burst(BURST, performance.now());
    wake();
  },
  onClear() {
    tally = new Tally();
    history = new History();
    wake();
  },
});

/** Ticks while there is something to send or to wait for. */
function wake() {
  thoughtAt = -Infinity;
  ticker ??= setInterval(tick, TICK);
  draw();
}

function tick() {
  if (document.hidden) return;
  sender.tick(performance.now());
  if (sender.isBusy) return;
  clearInterval(ticker);
  ticker = null;
  thoughtAt = -Infinity;
  draw();
}

function draw() {
  const now = performance.now();
  // When nothing is under way the picture stays as it was at the last answer.
  const at = sender.isBusy ? now : (tally.lastAt ?? now);
  const rows = tally.rows(at);
  const recent = tally.recent(at);
  if (sender.isBusy) seen = channel;
  const last = Math.floor(at / 1000) - (sender.isBusy ? 1 : 0);
  showControls(sender, now);
  showPods(tally, rows, now);
  showProblems(tally.problems, now);
  showChart(history, rows, last);
  showFlow({
    requests: sender.isBusy ? rateOf(last) : 0,
    addresses: channel.facts && channel.facts.lookups > 0 ? channel.facts.addresses.length : null,
    age: channel.facts?.lastLookup == null ? null : channel.facts.lastLookup * 1000,
    connections: channel.facts ? channel.facts.ready : null,
    pods: sender.isBusy ? recent.active.length : null,
    colours: sender.isBusy ? coloursOf(recent.active, rows) : [],
  });
  if (now - thoughtAt < RETHINK) return;
  const finding = describe({
    phase: phase(), recent, rows, channel: seen.facts, channelProblem: seen.problem ?? "", now,
  });
  showFinding(finding, now);
  if (finding.kind !== "waiting") thoughtAt = now;
}

function phase() {
  if (sender.isBusy) return "running";
  return tally.lastAt === null ? "idle" : "stopped";
}

/** In the order of the rows, which does not change with every answer. */
function coloursOf(active, rows) {
  const names = new Set(active.map(({ name }) => name));
  return rows.filter(({ name }) => names.has(name)).map(({ colour }) => colour);
}

/** Requests a second, over the last three whole seconds, or fewer if they are the first ones. */
function rateOf(last) {
  const columns = history.columns(last).slice(-3);
  while (columns.length > 1 && columns[0].size === 0) columns.shift();
  return Math.round(sum(columns.map((column) => sum(column.values()))) / columns.length);
}

setInterval(() => document.hidden || draw(), DRAW);
addEventListener("resize", draw);
document.addEventListener("visibilitychange", () => {
  // What was due while the page was hidden is not made up for.
  if (!document.hidden && sender.isRunning) sender.setRate(sender.rate, performance.now());
});
watchChannel((facts, problem) => {
  channel = { facts, problem };
  showChannel(facts, problem);
}, () => (sender.isBusy ? 1_000 : 2_500));
draw();
