// Sends requests and shows who answered. Whatever comes from the network reaches the page as text, never as markup.

import { Tally } from "./tally.js";

// Relative to the page at /js/, so that it also works where a proxy puts both below a path of its own.
const endpoint = new URL("../go/sample", document.baseURI);

const form = document.querySelector("#form");
const requests = document.querySelector("#requests");
const concurrency = document.querySelector("#concurrency");
const send = document.querySelector("#send");
const stop = document.querySelector("#stop");
const clear = document.querySelector("#clear");
const summary = document.querySelector("#summary");
const table = document.querySelector("#pods");
const rows = table.querySelector("tbody");
const problems = document.querySelector("#problems");
const problemList = problems.querySelector("ul");

let tally = new Tally();
let stopper = null; // an AbortController while requests are under way
let isDrawn = false; // a redraw is asked for

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (stopper) return;
  const { signal } = (stopper = new AbortController());
  showRunning();
  let left = requests.valueAsNumber;
  const worker = async () => {
    while (left-- > 0 && !signal.aborted) await call(signal);
  };
  await Promise.all(Array.from({ length: concurrency.valueAsNumber }, worker));
  stopper = null;
  showRunning();
  draw();
  // Only at the end: a screen reader would else read out every number on the way.
  summary.textContent = tally.sentence;
});

stop.addEventListener("click", () => stopper?.abort());

clear.addEventListener("click", () => {
  tally = new Tally();
  draw();
  summary.textContent = tally.sentence;
});

async function call(signal) {
  try {
    const response = await fetch(endpoint, { cache: "no-store", signal });
    const text = await response.text();
    const body = parse(text);
    const pod = body?.response?.hostname;
    if (response.ok && typeof pod === "string") tally.addAnswer(pod);
    else tally.addProblem(problemOf(response, body));
  } catch (error) {
    if (signal.aborted) return;
    tally.addProblem(`No answer at all: ${error.message}. Is the system still running?`);
  }
  scheduleDraw();
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The gateway says what is wrong in JSON; what is not JSON comes from something on the way to it. */
function problemOf(response, body) {
  const status = `HTTP ${response.status}`;
  const { code, message } = body?.error ?? {};
  if (code) return `${status} ${code}: ${message}`;
  if (response.ok) return `${status}, but the answer names no pod`;
  return `${status} ${response.statusText}, not from the gateway: is it running, and is this page opened through nginx?`;
}

function scheduleDraw() {
  if (isDrawn) return;
  isDrawn = true;
  requestAnimationFrame(draw);
}

function draw() {
  isDrawn = false;
  table.hidden = tally.answered === 0;
  rows.replaceChildren(...tally.pods.map(podRow));
  problems.hidden = tally.failed === 0;
  showProblems(tally.problems.map(({ message, count }) => (count > 1 ? `${count} times: ${message}` : message)));
}

function podRow({ name, count, share, bar }) {
  const head = element("th", name);
  head.scope = "row";
  const line = element("div", "");
  line.className = "bar";
  line.style.width = `${bar * 100}%`;
  head.append(line);
  const row = document.createElement("tr");
  row.append(head, number(count), number(`${(share * 100).toFixed(1)} %`));
  return row;
}

/** Leaves alone what is there already: the list is an alert, and a changed element is read out again. */
function showProblems(lines) {
  while (problemList.children.length > lines.length) problemList.lastChild.remove();
  lines.forEach((line, index) => {
    const item = problemList.children[index];
    if (!item) problemList.append(element("li", line));
    else if (item.textContent !== line) item.textContent = line;
  });
}

function showRunning() {
  const isRunning = stopper !== null;
  const isFocused = [send, stop].includes(document.activeElement);
  send.disabled = isRunning;
  stop.disabled = !isRunning;
  clear.disabled = isRunning;
  // A button that is switched off would drop the focus, and with it the place of whoever works by keyboard.
  if (isFocused) (isRunning ? stop : send).focus();
  if (isRunning) summary.textContent = "Sending …";
}

function number(text) {
  const cell = element("td", text);
  cell.className = "number";
  return cell;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
