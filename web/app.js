// Sends requests and shows who answered. Whatever comes from the network reaches the page as text, never as markup.

import { advice } from "./model/advice.js";
import { EventLog } from "./model/events.js";
import { Gateways } from "./model/gateways.js";
import { graph } from "./model/graph.js";
import { History } from "./model/history.js";
import { Roster } from "./model/roster.js";
import { Sender } from "./model/sender.js";
import { describe } from "./model/sentence.js";
import { Tally } from "./model/tally.js";
import { watchChannel } from "./network/channel.js";
import { watchEvents } from "./network/events.js";
import { askOnce } from "./network/request.js";
import { showChannel } from "./view/channel.js";
import { showChart } from "./view/chart.js";
import { connectControls, showControls, wantedRate } from "./view/controls.js";
import { showEvents } from "./view/events.js";
import { showFinding } from "./view/finding.js";
import { showNext } from "./view/next.js";
import { hasLittleRoom, showMode, showPicture } from "./view/picture.js";
import { showPods, showProblems } from "./view/pods.js";

/** Milliseconds: between two looks at what is due; between two drawings; between two looks at the channel. */
const TICK = 10;
const DRAW = 500;
const LOOK = 1_000;
/** Between two looks while a pod has answered whose address no gateway has told yet, and how long that is tried. */
const LOOK_SOON = 250;
const PUZZLED_FOR = 5_000;

const BURST = 100;
/** In the address: the requests begin with the page. */
const START = "#start";

let tally = new Tally();
let history = new History();
let channel = { view: null, problem: null };
let seen = channel; // the channel when requests were last under way: what explains their answers
let ticker = null;
let puzzledSince = null;

const gateways = new Gateways();
const roster = new Roster();
const events = new EventLog();
const sender = new Sender(ask, wantedRate());

async function ask() {
  // What is cleared meanwhile does not count this answer.
  const [counts, times] = [tally, history];
  const result = await askOnce();
  const now = performance.now();
  if (result.pod) {
    if (!counts.knows(result.pod)) look();
    counts.addAnswer(result, now);
    gateways.heard(result.gateway, now);
  } else counts.addProblem(result, now);
  times.add(result.pod ?? null, now);
}

connectControls({
  onToggle: toggle,
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

function toggle() {
  if (sender.isRunning) sender.stop();
  else sender.start(performance.now());
  wake();
}

/** Ticks while there is something to send or to wait for. */
function wake() {
  ticker ??= setInterval(tick, TICK);
  draw();
}

function tick() {
  if (document.hidden) return;
  sender.tick(performance.now());
  if (sender.isBusy) return;
  clearInterval(ticker);
  ticker = null;
  draw();
}

/** All from one snapshot, so that headline, picture, bars and sums say the same. */
function draw() {
  const now = performance.now();
  // When nothing is under way the picture stays as it was at the last answer.
  const at = sender.isBusy ? now : (tally.lastAt ?? now);
  channel = { ...channel, view: gateways.view(now) ?? channel.view };
  if (sender.isBusy) seen = channel;
  const snapshot = tally.snapshot(at);
  const { rows, gone } = roster.rows(snapshot, { at, now, isRunning: sender.isBusy });
  const finding = describe({
    phase: phase(), snapshot, rows, channel: seen.view, channelProblem: seen.problem ?? "", at,
  });
  showControls(sender, now);
  showFinding(finding, now);
  showPicture(graph({ rows, gone, snapshot, channel: channel.view, cause: finding.cause, isNarrow: hasLittleRoom() }), now);
  showMode(channel.view);
  showPods({ rows, gone, snapshot, tally, at });
  showProblems(tally.problems, now);
  showChart(history, tally.colours, Math.floor(at / 1000) - (sender.isBusy ? 1 : 0));
  showNext(advice({ rows, channel: channel.view, isOne: finding.kind === "one" }));
  showEvents(events);
  showChannel(channel.view, channel.problem);
}

function phase() {
  if (sender.isBusy) return "running";
  return tally.lastAt === null ? "idle" : "stopped";
}

/** The pause to the next look at the channel. */
function pause() {
  const now = performance.now();
  puzzledSince = roster.isPuzzled ? puzzledSince ?? now : null;
  return puzzledSince !== null && now - puzzledSince < PUZZLED_FOR ? LOOK_SOON : LOOK;
}

const look = watchChannel(({ facts, events: told, problem }) => {
  const now = performance.now();
  channel = { ...channel, problem };
  if (facts) {
    gateways.note(facts, now);
    roster.list(gateways.view(now).pods, now);
    told.forEach((event) => events.add(event));
  }
  if (!sender.isBusy) draw();
}, pause);

watchEvents((event) => {
  if (events.add(event)) showEvents(events);
});

setInterval(() => document.hidden || draw(), DRAW);
addEventListener("resize", draw);
addEventListener("hashchange", startIfAsked);
document.addEventListener("visibilitychange", () => {
  // What was due while the page was hidden is not made up for.
  if (!document.hidden && sender.isRunning) sender.setRate(sender.rate, performance.now());
});

function startIfAsked() {
  if (location.hash === START && !sender.isRunning) toggle();
}

startIfAsked();
draw();
