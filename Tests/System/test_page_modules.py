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
    const { Gateways } = await load("model/gateways.js");
    const { Roster } = await load("model/roster.js");
    const { describe } = await load("model/sentence.js");
    const { Tally } = await load("model/tally.js");
    const channel = (target, policy, addresses, ready = addresses.length, mode = null, pods = null) => {
      const gateways = new Gateways();
      gateways.note(channelFacts({
        target, policy, mode, state: "READY", resolver: { addresses, lookups: 1, lastLookupSecondsAgo: 4 }, pods,
        subchannels: Array.from({ length: ready }, (_, index) => ({ address: addresses[index], state: "READY" })),
      }), 0);
      return gateways.view(0);
    };
    const addresses = (count) => Array.from({ length: count }, (_, index) => `10.0.0.${index}:8080`);
    const behind = (count, known = 0) => Array.from({ length: count }, (_, index) => (
      { address: `10.0.0.${index}`, name: `pod-${index}`, known: index < known, connected: index < known }));
    const answers = (pods, count, gateways = 1) => {
      const tally = new Tally();
      for (let i = 0; i < count; i++) {
        tally.addAnswer({ pod: pods(i), gateway: `gateway-${i % gateways}`, ms: 1 }, i * 20);
      }
      return tally;
    };
    const say = (tally, view, phase = "running", at = tally.lastAt) => {
      const roster = new Roster();
      roster.list(view?.pods ?? null, 0);
      const snapshot = tally.snapshot(at);
      const { rows } = roster.rows(snapshot, { at, now: at, isRunning: phase === "running" });
      const said = describe({ phase, snapshot, rows, channel: view, at });
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
    "one of five pods behind a virtual IP": (
        'say(answers(() => "pod-1", 50), '
        'channel("dns:///grpc:8080", "pick_first", addresses(1), 1, "clusterip", behind(5)))',
        ["All requests go to one of five pods.", "one address, a virtual IP"]),
    "pods that are not known yet": (
        'say(answers((i) => `pod-${i % 3}`, 300), '
        'channel("dns:///grpc-headless:8080", "round_robin", addresses(3), 3, "headless", behind(5, 3)))',
        ["Three of five pods answer evenly.",
         "Two pods are idle: the gateway looked the name up 4 s ago, and looks again when a connection ends."]),
    "pods that a proxy leaves out": (
        'say(answers((i) => `pod-${i % 3}`, 300), '
        'channel("dns:///envoy:8080", "pick_first", addresses(1), 1, "envoy", behind(4)))',
        ["Three of four pods answer evenly.", "One pod is idle: the proxy sends nothing there yet."]),
    "a pod that took over": (
        'say(answers((i) => (i < 200 ? "pod-1" : "pod-2"), 400), channel("dns:///grpc:8080", "pick_first", addresses(1)))',
        ["All requests now go to one pod.",
         "Until 4 s ago it was pod pod-1; then its connection ended, and the next one reached pod pod-2."]),
    "newcomers": (
        'say(answers((i) => `pod-${i % (i < 200 ? 2 : 4)}`, 400), '
        'channel("dns:///x-headless:80", "round_robin", addresses(4)))',
        ["Four pods answer, two of them new.", "Pods pod-2 and pod-3 answer now, too."]),
    "newcomers of more than ten seconds ago": (
        'say(answers((i) => `pod-${i % (i < 200 ? 2 : 4)}`, 800), '
        'channel("dns:///x-headless:80", "round_robin", addresses(4)))',
        ["Four pods answer evenly.", "a connection to each"]),
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
          states[name] = Object.fromEntries(tally.snapshot(now).pods.map(({ name, state }) => [name, state]));
        };
        let now = 0;
        const answer = (pods, seconds) => {
          for (const end = now + seconds * 1000; now < end; now += 20) {
            tally.addAnswer({ pod: pods[(now / 20) % pods.length], ms: 1 }, now);
          }
        };
        answer(["a", "b"], 2); note("steady", now);
        answer(["a"], 0.5); note("half a second without b", now);
        answer(["a"], 2); note("three seconds without b", now);
        answer(["a", "c"], 1); note("c comes", now);
        answer(["a", "c"], 15); note("b long gone", now);
        answer(["a", "b"], 1); note("b is back", now);
        now += 60_000; note("nothing sent for a minute", now);
        answer(["a", "b"], 1); note("and again", now);
        return states;
        """)
    assert states == {
        "steady": {"a": "answering", "b": "answering"},
        "half a second without b": {"a": "answering", "b": "answering"},
        "three seconds without b": {"a": "answering", "b": "silent"},
        "c comes": {"a": "answering", "b": "silent", "c": "new"},
        "b long gone": {"a": "answering", "b": "idle", "c": "answering"},
        "b is back": {"a": "answering", "b": "back", "c": "silent"},
        "nothing sent for a minute": {"a": "idle", "b": "idle", "c": "idle"},
        "and again": {"a": "answering", "b": "answering", "c": "idle"},
    }


def test_snapshot_is_of_ten_seconds_and_adds_up(modules):
    sums = modules.module("""
        const { Tally } = await load("model/tally.js");
        const tally = new Tally();
        for (let now = 0; now < 30_000; now += 10) {
          if (now % 1000 === 0) tally.addProblem({ code: "UNAVAILABLE", message: "x" }, now);
          else tally.addAnswer({ pod: `pod-${(now / 10) % 3}`, gateway: `gateway-${(now / 10) % 2}`, ms: 1 }, now);
        }
        const snapshot = tally.snapshot(29_990);
        const sum = (values) => values.reduce((total, value) => total + value, 0);
        return [snapshot.answers, snapshot.failed, sum(snapshot.pods.map(({ recent }) => recent)),
          sum(snapshot.gateways.map(({ recent }) => recent)), sum(snapshot.pods.map(({ count }) => count)),
          sum(snapshot.pods.map(({ share }) => share)).toFixed(6)];
        """)
    assert sums == [990, 10, 990, 990, 2970, "1.000000"]


def test_tally_is_bounded(modules):
    sizes = modules.module("""
        const { Tally } = await load("model/tally.js");
        const tally = new Tally();
        for (let i = 0; i < 5000; i++) tally.addAnswer({ pod: `pod-${i}`, ms: 1 }, i);
        for (let i = 0; i < 500; i++) tally.addProblem({ code: "X", message: `${i}` }, 5000 + i);
        const { pods } = tally.snapshot(6000);
        const sum = (values) => values.reduce((total, { count }) => total + count, 0);
        return [pods.length, sum(pods), tally.problems.length, sum(tally.problems)];
        """)
    assert sizes == [201, 5000, 21, 500]


def test_a_page_that_stays_open_shows_the_pods_of_today(modules):
    """41 rollouts of 5 pods are more pods than are remembered."""
    state = modules.module("""
        const { Tally } = await load("model/tally.js");
        const tally = new Tally();
        let now = 0;
        for (let generation = 0; generation < 50; generation++) {
          for (let i = 0; i < 1000; i++) tally.addAnswer({ pod: `pod-${generation}-${i % 5}`, ms: 1 }, now += 20);
        }
        const { active, pods } = tally.snapshot(now);
        const count = pods.reduce((total, pod) => total + pod.count, 0);
        return [active.map(({ name }) => name).sort(), pods.length, count, tally.knows("pod-49-0")];
        """)
    assert state == [[f"pod-49-{i}" for i in range(5)], 201, 50_000, True]


ROSTER = """
    const { Roster } = await load("model/roster.js");
    const { Tally } = await load("model/tally.js");
    const roster = new Roster();
    const tally = new Tally();
    const pod = (number, name = null) => ({ address: `10.0.0.${number}`, name, isKnown: true, isConnected: true });
    const list = (at, isRunning = true) => {
      const { rows, gone } = roster.rows(tally.snapshot(at), { at, now: at, isRunning });
      return [rows.map(({ name, address }) => [name, address].filter(Boolean).join(" ")).join(", "), gone.length];
    };
"""


def test_roster_knows_address_and_name_as_one(modules):
    seen = modules.module(f"""{ROSTER}
        const seen = [];
        roster.list([pod(2), pod(10), pod(1)], 0); seen.push(list(0));
        tally.addAnswer({{ pod: "b", ms: 1 }}, 10); seen.push(list(10));
        seen.push([roster.isPuzzled, null]);
        roster.list([pod(1), pod(2, "b"), pod(10)], 20); seen.push(list(20));
        seen.push([roster.isPuzzled, null]);
        roster.list([pod(1), pod(2), pod(10)], 30); seen.push(list(30)); // another gateway, which has not learnt it
        roster.list([pod(1), pod(2, "z"), pod(10)], 40); seen.push(list(40)); // the address has gone to another pod
        roster.list([pod(1), pod(3, "z"), pod(2, "z"), pod(10)], 50); seen.push(list(50)); // one pod, two addresses
        seen.push(list(20_000));
        return seen;
        """)
    assert seen == [
        ["10.0.0.1, 10.0.0.2, 10.0.0.10", 0],
        ["10.0.0.1, 10.0.0.2, 10.0.0.10, b", 0],
        [True, None],
        ["10.0.0.1, b 10.0.0.2, 10.0.0.10", 0],
        [False, None],
        ["10.0.0.1, b 10.0.0.2, 10.0.0.10", 0],
        ["10.0.0.1, b 10.0.0.2, 10.0.0.10, z 10.0.0.2", 0],
        ["10.0.0.1, b 10.0.0.2, 10.0.0.10, z 10.0.0.2", 0],
        ["10.0.0.1, 10.0.0.10, z 10.0.0.2", 1],
    ]


def test_roster_lets_go_of_who_has_left(modules):
    seen = modules.module(f"""{ROSTER}
        const seen = [];
        roster.list([pod(1, "a"), pod(2, "b"), pod(3)], 0);
        for (let now = 0; now < 3_000; now += 10) tally.addAnswer({{ pod: now % 20 ? "a" : "b", ms: 1 }}, now);
        roster.list([pod(1, "a")], 3_000); seen.push(list(3_000));
        for (let now = 3_000; now < 14_000; now += 10) tally.addAnswer({{ pod: "a", ms: 1 }}, now);
        seen.push(list(12_900)); seen.push(list(13_100));
        roster.list([], 14_000); seen.push(list(14_100), list(24_500)); seen.push(list(24_500, false));
        return seen;
        """)
    assert seen == [
        ["a 10.0.0.1, b 10.0.0.2, 10.0.0.3", 0],
        ["a 10.0.0.1, b 10.0.0.2, 10.0.0.3", 0],
        ["a 10.0.0.1", 1],
        ["a 10.0.0.1", 1],
        ["", 2],
        ["", 2],
    ]


def test_gateways_count_while_they_answer(modules):
    seen = modules.module("""
        const { Gateways } = await load("model/gateways.js");
        const gateways = new Gateways();
        const facts = (gateway, pods = null) => ({ gateway, pods });
        const seen = [];
        const pod = (address, name = null) => ({ address, name, isKnown: false, isConnected: false });
        gateways.note(facts("b", [pod("10.0.0.1", "x")]), 0);
        gateways.note(facts("a", [pod("10.0.0.1"), pod("10.0.0.2")]), 10);
        const { pods } = gateways.view(20);
        seen.push(gateways.names(20), pods.map(({ address, name }) => `${address} ${name}`));
        for (let now = 1000; now < 9000; now += 1000) gateways.heard("a", now);
        seen.push(gateways.names(9_000)); // b was heard less than 10 s ago
        seen.push(gateways.names(12_000)); // and then too few answers came to tell
        for (let now = 12_000; now < 13_000; now += 100) gateways.heard("a", now);
        seen.push(gateways.names(13_000));
        return seen;
        """)
    assert seen == [["a", "b"], ["10.0.0.1 x", "10.0.0.2 null"], ["a", "b"], ["a", "b"], ["a"]]


def test_gateways_that_are_gone_do_not_count_for_minutes(modules):
    """20 restarts, and nothing but one look a second."""
    seen = modules.module("""
        const { Gateways } = await load("model/gateways.js");
        const gateways = new Gateways();
        let now = 0;
        for (let i = 0; i < 20; i++) gateways.note({ gateway: `gateway-${i}`, pods: null }, now += 1000);
        for (let i = 0; i < 20; i++) gateways.note({ gateway: "gateway-last", pods: null }, now += 1000);
        return [gateways.names(now), gateways.view(now).accounts.length];
        """)
    assert seen == [["gateway-last"], 1]


def test_events_are_kept_once_in_order_and_bounded(modules):
    seen = modules.module("""
        const { EventLog } = await load("model/events.js");
        const log = new EventLog();
        const time = "2026-11-22T01:50:00Z";
        const event = (number, more = {}) => ({ id: `g:${number}`, time, message: `${number}`, ...more });
        const news = [log.add(event(2)), log.add(event(10)), log.add(event(2)), log.add(null), log.add({ id: "x" })];
        const order = log.latest.map(({ message }) => message);
        const tones = [
          event(0, { kind: "goaway", code: "NO_ERROR" }), event(1, { kind: "goaway", code: "ENHANCE_YOUR_CALM" }),
          event(3, { kind: "connected" }), event(4, { kind: "connection-lost" }),
          event(5, { kind: "state", to: "READY" }),
        ].map((one) => { const log = new EventLog(); log.add(one); return log.latest[0].tone; });
        for (let i = 20; i < 2000; i++) log.add(event(i));
        const before = log.version;
        log.add({ id: "other:1", time, message: "between" }); // which changes neither the number nor the latest
        return [news, order, tones, log.latest.length, log.latest[0].message, log.version - before];
        """)
    assert seen == [
        [True, True, False, False, False], ["10", "2"], ["plain", "bad", "good", "bad", "good"], 200, "1999", 1]


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
    assert figures["stuck"] == [4, 4, 0, True]
    assert figures["after"] == [4, 4]
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
