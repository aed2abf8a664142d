"""The modules of the live page that know no document, in a browser, each by itself."""

import pytest

from support.paths import ROOT
from support.programs import Program


@pytest.fixture(scope="module")
def modules(browser, tmp_path_factory):
    """A browser at the page's origin, but not at the page."""
    js = Program("js-server", {"http", "admin"}, tmp_path_factory.mktemp("js") / "log", STATIC_ROOT=str(ROOT / "web"))
    browser.driver.get(f"http://{js.address('http')}/js/icon.svg")
    yield browser
    browser.driver.get("about:blank")
    assert js.stop() == 0


FACTS = """
    const { channelFacts } = await load("model/channel.js");
    const { describe } = await load("model/sentence.js");
    const { Tally } = await load("model/tally.js");
    const channel = (target, policy, addresses, ready = addresses.length, mode = null) => channelFacts({
      target, policy, mode, state: "READY", resolver: { addresses, lookups: 1 },
      subchannels: Array.from({ length: ready }, (_, index) => ({ address: addresses[index], state: "READY" })),
    });
    const addresses = (count) => Array.from({ length: count }, (_, index) => `10.0.0.${index}:8080`);
    const answers = (pods, count, gateways = 1) => {
      const tally = new Tally();
      for (let i = 0; i < count; i++) {
        tally.addAnswer({ pod: pods(i), gateway: `gateway-${i % gateways}`, ms: 1 }, i * 20);
      }
      return tally;
    };
    const say = (tally, facts, phase = "running", now = tally.lastAt) => {
      const said = describe({ phase, recent: tally.recent(now), rows: tally.rows(now), channel: facts, now });
      return [said.headline, said.reason, said.advice, ...said.news.map(({ text }) => text)].filter(Boolean).join(" ");
    };
"""

SENTENCES = {
    "a proxy behind one connection": (
        'say(answers((i) => `pod-${i % 4}`, 400), channel("dns:///envoy:8080", "pick_first", addresses(1)))',
        ["Four pods answer evenly.", "one connection only, to 10.0.0.0:8080: a proxy behind it spreads"]),
    "a proxy that is known, behind several gateways": (
        'say(answers((i) => `pod-${i % 4}`, 400, 2), '
        'channel("dns:///sample-service-envoy:8080", "pick_first", addresses(1), 1, "envoy"))',
        ["Four pods answer evenly.", "a proxy behind it spreads the requests (mode envoy)."]),
    "a proxy before one pod": (
        'say(answers(() => "pod-1", 50), channel("ipv4:127.0.0.1:18080", "pick_first", addresses(1), 1, "envoy-sidecar"))',
        ["All requests go to one pod.", "a proxy’s, 10.0.0.0:8080", "is there another that is ready?"]),
    "one pod in a registry": (
        'say(answers(() => "pod-1", 50), channel("etcd:///sample-service-grpc", "round_robin", addresses(1), 1, "etcd"))',
        ["All requests go to one pod.", "at present just one pod is registered and ready"]),
    "several gateways": (
        'say(answers((i) => `pod-${i % 3}`, 300, 3), channel("dns:///grpc:8080", "pick_first", addresses(1)))',
        ["Three pods answer evenly.", "Each of the three gateways has one connection of its own"]),
    "one ready pod behind a headless name": (
        'say(answers(() => "pod-1", 50), channel("dns:///grpc-headless:8080", "round_robin", addresses(1)))',
        ["All requests go to one pod.", "every ready pod, and at the last look-up there was just one",
         "Pods that have come since are found when the connection ends"]),
    "an address that is given": (
        'say(answers(() => "pod-1", 50), channel("ipv4:10.0.0.0:8080", "pick_first", addresses(1)))',
        ["because its target resolves to one address, 10.0.0.0:8080."]),
    "connections that are not ready": (
        'say(answers(() => "pod-1", 50), channel("dns:///grpc-headless:8080", "round_robin", addresses(5), 1))',
        ["All requests go to one pod.", "five addresses, but only one connection is READY"]),
    "some connections that are not ready": (
        'say(answers((i) => `pod-${i % 3}`, 300), channel("dns:///x-headless:80", "round_robin", addresses(5), 3))',
        ["Three pods answer evenly.", "3 of the 5 connections are READY"]),
    "uneven shares": (
        'say(answers((i) => (i % 4 ? "pod-a" : `pod-${i % 3}`), 300), channel("dns:///x:1", "weighted", addresses(4)))',
        ["Four pods answer, but not evenly: pod pod-a has 75", "policy weighted chooses for each request"]),
    "no account of the channel": (
        'say(answers(() => "pod-1", 50), null)', ["All requests go to one pod.", "its channel cannot be seen"]),
    "the past": (
        'say(answers((i) => `pod-${i % 5}`, 300), channel("dns:///x:80", "round_robin", addresses(5)), "stopped")',
        ["Stopped. Five pods answered evenly."]),
    "a single answer": ('say(answers(() => "pod-1", 1), null)', ["One answer so far. Too few to tell."]),
}


@pytest.mark.parametrize("case", SENTENCES)
def test_sentence(modules, case):
    expression, words = SENTENCES[case]
    said = modules.module(f"{FACTS} return {expression};")
    assert [word for word in words if word not in said] == [], said


def test_tally_knows_who_is_silent(modules):
    states = modules.module("""
        const { Tally } = await load("model/tally.js");
        const tally = new Tally();
        const states = {};
        const note = (name, now) => {
          states[name] = Object.fromEntries(tally.rows(now).map((row) => [row.name, row.state]));
        };
        let now = 0;
        const answer = (pods, seconds) => {
          for (const end = now + seconds * 1000; now < end; now += 20) {
            tally.addAnswer({ pod: pods[(now / 20) % pods.length], ms: 1 }, now);
          }
        };
        answer(["a", "b"], 2); note("steady", now);
        now += 60_000; note("nothing sent for a minute", now);
        answer(["a"], 0.5); note("half a second without b", now);
        answer(["a"], 2); note("three seconds without b", now);
        answer(["a", "c"], 1); note("c comes", now);
        answer(["a", "c"], 15); note("b long gone", now);
        answer(["a", "b"], 1); note("b is back", now);
        return states;
        """)
    assert states == {
        "steady": {"a": "answering", "b": "answering"},
        "nothing sent for a minute": {"a": "answering", "b": "answering"},
        "half a second without b": {"a": "answering", "b": "answering"},
        "three seconds without b": {"a": "answering", "b": "silent"},
        "c comes": {"a": "answering", "b": "silent", "c": "new"},
        "b long gone": {"a": "answering", "b": "gone", "c": "answering"},
        "b is back": {"a": "answering", "b": "back", "c": "answering"},
    }


def test_tally_is_bounded(modules):
    sizes = modules.module("""
        const { Tally } = await load("model/tally.js");
        const tally = new Tally();
        for (let i = 0; i < 5000; i++) tally.addAnswer({ pod: `pod-${i}`, ms: 1 }, i);
        for (let i = 0; i < 500; i++) tally.addProblem({ code: "X", message: `${i}` }, 5000 + i);
        const rows = tally.rows(6000);
        const sum = (values) => values.reduce((total, { count }) => total + count, 0);
        return [rows.length, sum(rows), tally.problems.length, sum(tally.problems)];
        """)
    assert sizes == [201, 5000, 21, 500]


def test_sender_keeps_the_rate_and_never_piles_up(modules):
    figures = modules.module("""
        const { Sender } = await load("model/sender.js");
        const answers = [];
        let now = 0;
        const slow = new Sender(() => new Promise((resolve) => answers.push(resolve)), 100);
        slow.start(now);
        for (; now <= 5000; now += 10) slow.tick(now);
        const stuck = [answers.length, slow.inFlight, Math.round(slow.pace(now)), slow.oldestWait(now) > 4900];
        for (const answer of answers.splice(0)) answer();
        await new Promise((resolve) => setTimeout(resolve));
        slow.tick(now);
        const after = [answers.length, slow.inFlight];

        let sent = 0;
        const quick = new Sender(async () => { sent += 1; }, 100);
        quick.start(now);
        for (const end = now + 3000; now < end; now += 10) { quick.tick(now); await null; await null; await null; }
        const steady = [sent, Math.round(quick.pace(now))];
        quick.tick(now + 60_000);
        return { stuck, after, steady, afterAMinuteAsleep: sent - steady[0] };
        """)
    assert figures["stuck"] == [5, 5, 0, True]
    assert figures["after"] == [5, 5]
    assert 295 <= figures["steady"][0] <= 305 and figures["steady"][1] == 100
    assert figures["afterAMinuteAsleep"] <= 6


def test_statistics(modules):
    values = modules.module("""
        const { isEven, roundUp, summary } = await load("model/statistics.js");
        const { History } = await load("model/history.js");
        const history = new History();
        for (let second = 0; second < 100; second++) history.add(second % 2 ? "a" : null, second * 1000);
        const columns = history.columns(99);
        return [
          summary(Array.from({ length: 100 }, (_, index) => 100 - index)), summary([]), summary([7]),
          isEven([100, 110, 90]), isEven([100, 60]), [0, 1, 7, 51, 100, 101].map(roundUp),
          [columns.length, columns.at(-1).get("a"), columns.at(-2).get(null), columns[0].get(null)],
        ];
        """)
    assert values == [
        {"median": 50, "p95": 95}, {"median": None, "p95": None}, {"median": 7, "p95": 7},
        True, False, [1, 1, 8, 60, 100, 200], [60, 1, 1, 1]]
