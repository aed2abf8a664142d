"""The live page in each state, before a gateway that plays it."""

import pytest

from support.agreement import disagreements, read
from support.browser import Page
from support.stage import Stage, pod_name
from support.staged import boxes, eventually, run


# Every pod behind the Service

def test_clusterip_shows_five_pods_four_of_them_grey(stage, open_stage):
    stage.clusterip(5)
    page = open_stage()
    eventually(lambda: page.idle == list(stage.pods))  # before any request all are there, by address
    run(page)
    eventually(lambda: page.finding[1].startswith("All requests go to one of five pods."))
    [serving] = stage.serving
    eventually(lambda: page.idle == [address for address in stage.pods if address != serving])
    assert list(page.bars) == [stage.pods[serving]], "its address and its name are one pod"
    assert page.narrow == "service"
    seen = read(page)
    assert disagreements(seen) == []
    greys = page.browser.script("""
        return [...document.querySelectorAll("#picture [data-kind=pod]")].map((pod) => (
            [pod.dataset.state, getComputedStyle(pod.querySelector(".swatch")).fill]));
        """)
    assert len({fill for state, fill in greys if state == "idle"}) == 1, "all idle ones have the one grey"
    assert len(greys) == 5 and sorted(state for state, _ in greys)[1:] == ["idle"] * 4
    page.stop()


def test_name_becomes_known_later(stage, open_stage):
    """The first look after an answer may reach a gateway that has not learnt whose address it is."""
    stage.clusterip(5)
    stage.named = set()
    page = open_stage()
    run(page)
    eventually(lambda: len(page.states) == 6)  # an address and a name, not yet known to be one
    stage.named = set(stage.serving)
    eventually(lambda: len(page.states) == 5)
    eventually(lambda: page.states[stage.pods[stage.serving[0]]] == "answering")
    assert disagreements(read(page)) == []
    page.stop()


def test_pod_that_is_gone_leaves_within_ten_seconds(stage, open_stage):
    stage.headless(5)
    page = open_stage()
    run(page)
    page.set_rate(20)
    address, name = list(stage.pods.items())[2]
    count = page.bars[name]
    page.browser.script("""
        const watch = setInterval(() => {
            if (document.querySelector(`tr[data-pod='${arguments[0]}']`)) return;
            window.left = performance.now();
            clearInterval(watch);
        }, 50);
        window.began = performance.now();
        """, name)
    stage.lose(address)
    # All at once: a slow browser may not be asked twice before the row has left.
    said, covered = eventually(lambda: page.browser.script("""
        const row = document.querySelector(`tr[data-pod='${arguments[0]}']`);
        if (!row?.querySelector(".mark").textContent.includes("gone")) return null;
        const [name, mark] = ["strong", ".mark"].map((part) => row.querySelector(part).getBoundingClientRect());
        return [document.querySelector("#headline").textContent, [name.right - mark.left, name.width]];
        """, name))
    assert "five" not in said, "not four of five"
    assert covered[0] <= 0 and covered[1] > 30, "the name can be read beside what is said of the pod"
    eventually(lambda: page.finding[1].startswith("Four pods answer evenly."))
    # Ten seconds after the look that did not list it, which test_page_modules has with a clock of its own.
    took = eventually(lambda: page.browser.script("return window.left && window.left - window.began"), within=60)
    print(f"{took / 1000:.1f} s")
    seen = read(page)
    assert disagreements(seen) == []
    assert seen["gone"]["count"] > 0 and "pod" not in {node["id"] for node in seen["nodes"]}
    assert len(boxes(page)["pod"]) == 4
    assert page.total("gone") >= count, "what it served still counts"
    stage.pods = stage.pods | {address: name}
    stage.known.append(address)
    eventually(lambda: page.states.get(name) == "back" and page.bars[name] > count)
    assert disagreements(read(page)) == []
    page.stop()


def test_new_pods_are_grey_until_they_answer(stage, open_stage):
    stage.headless(5)
    page = open_stage()
    run(page)
    stage.pods = stage.pods | {f"10.244.0.{number}": pod_name(number) for number in range(6, 11)}
    eventually(lambda: len(page.idle) == 5)
    said = eventually(lambda: (said := page.finding[1]).startswith("Five of ten pods answer evenly.") and said)
    assert "Five pods are idle: the gateway looked the name up 3 s ago, and looks again when a connection ends." in said
    unreached = [node["id"] for node in boxes(page)["pod"] if node["state"] == "idle"]
    assert not set(unreached) & {edge["to"] for edge in read(page)["edges"]}, "nothing leads to whom nobody knows"
    assert disagreements(read(page)) == []
    stage.known = list(stage.pods)
    eventually(lambda: page.finding[1].startswith("Ten pods answer, five of them new."))
    assert disagreements(read(page)) == []
    page.stop()


def test_fifty_pods_are_a_picture_still(stage, open_stage):
    stage.headless(50)
    page = open_stage()
    run(page)
    eventually(lambda: len(page.states) == 50)  # who has answered is no address any more
    page.stop()
    pods = boxes(page)["pod"]
    assert len(pods) == 17 and pods[-1]["id"] == "more"
    assert sum(pod["calls"] for pod in pods) == read(page)["total"]["recent"]
    assert len(page.states) == 50 and page.overflow() == 0


# Gateways

def test_two_gateways_add_up_and_are_two_only_while_two_answer(stage, open_stage):
    stage.headless(5)
    stage.gateways = [pod_name(1, "gateway"), pod_name(2, "gateway")]
    page = open_stage()
    run(page)
    eventually(lambda: "each of the two gateways has a connection to each" in page.finding[1])
    seen = read(page)
    assert disagreements(seen) == []
    assert len([node for node in seen["nodes"] if node["kind"] == "gateway"]) == 2
    eventually(lambda: len(read(page)["picks"]) == 10)
    page.set_rate(20)
    stage.gateways = stage.gateways[:1]
    eventually(lambda: "two gateways" not in page.finding[1] and len(boxes(page)["gateway"]) == 1)
    assert disagreements(read(page)) == []
    assert page.attribute("[data-fact=gateways]", "data-value") == "1"
    page.stop()


# Every mode's picture: mode → what stands between, what stands beside, who asks it
SHAPES = {
    "clusterip": ("service", "virtual IP", "DNS", {"gateway"}),
    "headless": (None, None, "DNS", {"gateway"}),
    "kubernetes": (None, None, "Kubernetes API", {"gateway"}),
    "envoy": ("proxy", "Envoy", "DNS", {"gateway", "proxy"}),
    "envoy-sidecar": ("proxy", "Envoy", "DNS", {"proxy"}),
    "etcd": (None, None, "etcd", {"gateway"}),
    "consul": (None, None, "Consul", {"gateway"}),
    "nginx": ("proxy", "nginx", "DNS", {"gateway", "proxy"}),
    "mesh": ("proxy", "mesh proxy", "mesh", {"proxy"}),
}


def play(stage: Stage, mode: str):
    if mode == "clusterip":
        stage.clusterip(5)
    elif SHAPES[mode][0]:
        stage.through(mode, 5, "127.0.0.1" if mode == "envoy-sidecar" else "10.96.44.2")
    else:
        stage.headless(5)
        stage.mode = mode


def test_picture_of_each_mode(stage, open_stage):
    """On one page, which goes with the system from mode to mode."""
    page = None
    for mode in SHAPES:
        play(stage, mode)
        page = page or open_stage()
        eventually(lambda mode=mode: page.text("#picture-mode") == f"mode {mode}, policy {stage.policy}")
        page.click("clear")
        run(page, 30)
        eventually(lambda mode=mode: len(page.bars) == (1 if mode == "clusterip" else 5))
        page.stop()
        check_picture(page, mode)


def check_picture(page: Page, mode: str):
    seen = read(page)
    assert disagreements(seen) == [], mode
    found = boxes(page)
    between, title, source, askers = SHAPES[mode]
    [beside] = found["source"]
    assert page.browser.script("return document.querySelector('[data-kind=source] .name').textContent") == source
    assert [kind for kind in ("service", "proxy") if kind in found] == ([between] if between else []), mode
    if between:
        assert page.text(f"#picture [data-kind={between}] .name") == title
    asks = {edge["to"] for edge in seen["edges"] if edge["kind"] == "lookup" and edge["from"] == beside["id"]}
    assert {node["kind"] for node in seen["nodes"] if node["id"] in asks} == askers, mode
    assert page.browser.script("return document.querySelectorAll('.groups rect').length") == (
        1 if mode in ("envoy-sidecar", "mesh") else 0), "a frame around what is in one pod"


# Events

def test_events_are_one_list_without_doubles(stage, open_stage):
    stage.headless(5)
    stage.gateways = [pod_name(1, "gateway"), pod_name(2, "gateway")]
    stage.tell("addresses", "the name has five addresses")
    stage.tell("connected", "connected to 10.244.0.1:8080")
    page = open_stage()
    messages = "return [...document.querySelectorAll('#events li')].map((item) => item.children[1].textContent)"
    eventually(lambda: page.browser.script(messages) == ["connected to 10.244.0.1:8080", "the name has five addresses"])
    eventually(lambda: stage.listeners)
    asked = stage.asked["channel"]
    for number in range(5):
        stage.tell("goaway", f"GOAWAY {number}", gateway=number % 2, code="NO_ERROR")
    eventually(lambda: len(page.browser.script(messages)) == 7)
    eventually(lambda: stage.asked["channel"] >= asked + 2)  # which bring the same once more
    assert page.browser.script(messages)[:5] == [f"GOAWAY {number}" for number in (4, 3, 2, 1, 0)]
    first = page.browser.script("""
        const [time, , gateway] = [...document.querySelectorAll("#events li")].at(-1).children;
        return [time.dateTime, gateway.textContent];
        """)
    assert first == ["2026-11-22T01:50:00.370Z", f"gateway {stage.gateways[0][-5:]}"]


def test_events_come_at_once_and_the_page_takes_no_connection_while_hidden(stage, open_stage):
    stage.headless(5)
    page = open_stage()
    eventually(lambda: len(stage.listeners) == 1)
    page.show_hidden(True)
    # Only writing tells the server that the page has gone.
    eventually(lambda: stage.tell("connected", "while hidden") and not stage.listeners)
    page.show_hidden(False)
    eventually(lambda: len(stage.listeners) == 1)
    eventually(lambda: "while hidden" in page.text("#events"))


def test_six_connections_are_enough(stage, open_stage):
    """With the stream open and four requests that hang, a look at the channel still gets through."""
    stage.headless(5)
    page = open_stage()
    eventually(lambda: stage.listeners)
    stage.delay = 30
    page.start(rate=100)
    eventually(lambda: page.text("#pace").startswith("Four requests are waiting"))
    asked = stage.asked["channel"]
    eventually(lambda: stage.asked["channel"] >= asked + 2)
    stage.tell("connected", "still heard")
    eventually(lambda: "still heard" in page.text("#events"))
    stage.hurry()
    page.stop()


def test_too_many_listeners_leave_the_page_with_looks(stage, open_stage):
    stage.headless(5)
    stage.most_listeners = 0
    page = open_stage()
    page.may_fail = True  # the browser logs the 503
    stage.tell("connected", "by a look")
    eventually(lambda: "by a look" in page.text("#events"))


# What is past is told as past


def test_a_channel_without_calls_is_idle_and_no_fault(stage, open_stage):
    stage.headless(2)
    stage.channel_extra = {
        "state": "IDLE", "idleReason": "no call for 30m", "subchannels": [],
        "resolver": {"addresses": [], "ttlSeconds": None, "lookups": 3, "lastLookupSecondsAgo": 1900.0,
                     "nextLookupInSeconds": None, "lastError": None}}
    page = open_stage()
    eventually(lambda: page.text("[data-fact=state]") == "IDLE no call for 30m")


def test_errors_have_an_age(stage, open_stage):
    stage.headless(2)
    subchannel = {"address": "10.244.0.1:8080", "state": "READY", "picks": 3, "inFlight": 0,
                  "lastError": "Connection refused", "lastErrorSecondsAgo": 200.0,
                  "lastGoAway": "max_age: the server ends connections of this age", "lastGoAwaySecondsAgo": 12.3}
    resolver = {"addresses": ["10.244.0.1:8080"], "lookups": 9, "lastLookupSecondsAgo": 3.0, "ttlSeconds": 5.0,
                "nextLookupInSeconds": None, "lastError": "the server said SERVFAIL", "lastErrorSecondsAgo": 65.0}
    stage.channel_extra = {"subchannels": [subchannel], "resolver": resolver}
    page = open_stage()
    eventually(lambda: page.text("#subchannels tbody .event") == (
        "12 s ago: max_age: the server ends connections of this age; 3 min ago: Connection refused"))
    eventually(lambda: page.text("[data-fact=lookups] small") == (
        "the last 3 s ago; one failed 65 s ago: the server said SERVFAIL"))


# Use

def test_start_in_the_address_starts_it(stage, open_stage):
    stage.headless(5)
    page = open_stage("#start")
    eventually(lambda: page.total("total") > 20)
    assert page.text("#toggle") == "Stop"
    page.stop()


# What is wrong with a pod, and what the policy knows

CONDITIONS = {
    "delay=200ms": ("slow", "slow", "Waits 200ms before each call, on purpose, first said 12 s ago"),
    "delay=5ms fail=0.2 code=ABORTED": (
        "failing", "fails",
        "Waits 5ms before each call and fails 20 % of them with ABORTED, on purpose, first said 12 s ago"),
    "fail=1": ("failing", "fails", "Fails all of its calls, on purpose, first said 12 s ago"),
    "<b>new</b>": ("slow", "slow", "Makes trouble (<b>new</b>), on purpose, first said 12 s ago"),
}


def condition(page: Page, name: str) -> tuple:
    """Of its row: kind and words; of its box: kind and word."""
    return tuple(page.browser.script("""
        const row = document.querySelector(`#pods-present tr[data-pod='${arguments[0]}']`);
        const box = document.querySelector(`#picture g[data-pod='${arguments[0]}']`);
        return [row.dataset.condition, row.querySelector(".condition").textContent, box.dataset.condition,
            box.querySelector(".note").textContent];
        """, name))


def test_pod_that_makes_trouble_is_marked(stage, open_stage):
    stage.headless(5)
    page = open_stage()
    run(page)
    address, name = list(stage.pods.items())[2]
    for trouble, (kind, word, text) in CONDITIONS.items():
        stage.troubles = {address: trouble}
        eventually(lambda expected=(kind, text, kind, word): condition(page, name) == expected)
    words = f"Pod {name[-5:]} makes trouble", "on purpose; policy round_robin takes no notice."
    eventually(lambda: all(word in page.finding[1] for word in words))
    eventually(lambda: f"samplectl trouble {name} off" in page.text("#next"))
    page.stop()
    eventually(lambda: f"Pod {name[-5:]}: makes trouble" in page.attribute("#picture svg", "aria-label"))
    stage.troubles = {}
    eventually(lambda: condition(page, name) == ("", "", "", ""))
    assert disagreements(read(page)) == []


def test_ejected_pod_reads_as_ejected_with_the_time_left(stage, open_stage):
    stage.headless(5)
    address, name = list(stage.pods.items())[2]
    stage.policy = "outlier_detection"
    stage.channel_extra = {"childPolicy": "round_robin"}
    stage.serving = [other for other in stage.known if other != address]
    stage.named = set(stage.pods)
    ejection = {"failed": 48, "calls": 50, "secondsAgo": 1.6, "secondsLeft": 28.4}
    stage.server_facts = {address: {"ejection": ejection}}
    page = open_stage()
    eventually(lambda: page.text("#policy-line") == (
        f"outlier_detection around round_robin: one pod is ejected, {name[-5:]} for 28 s more."))
    run(page)
    text = "Ejected, 28 s left: 48 of 50 calls failed"
    eventually(lambda: condition(page, name) == ("ejected", text, "ejected", "ejected"))
    said = eventually(lambda: (said := page.finding[1]).startswith("Four of five pods answer evenly.") and said)
    for words in ("policy round_robin within outlier_detection takes turns.",
                  f"One pod is idle: {name[-5:]} is ejected.", f"Pod {name[-5:]} is ejected: 48 of 50 calls failed."):
        assert words in said
    known = "return [...document.querySelectorAll('#subchannels tbody .known')].map((cell) => cell.textContent)"
    assert sorted(page.browser.script(known)) == ["", "", "", "", "ejected, 28 s left"]
    page.stop()
    stage.server_facts = {}
    eventually(lambda: condition(page, name)[0] == "")
    eventually(lambda: page.text("#policy-line") == "outlier_detection around round_robin: nobody is ejected.")
    assert disagreements(read(page)) == []


# Policy, what is known of the first two of three servers, what the line says.
POLICY_LINES = [
    ("peak_ewma", {"latencyMilliseconds": 0.412}, {"latencyMilliseconds": 201.0},
     "peak_ewma: answers take 0.41 ms ({0}) to 201 ms ({1})."),
    ("peak_ewma", {}, {}, "peak_ewma: too few answers yet to compare."),
    ("weighted_round_robin", {"weight": 1020.4}, {"weight": 812.0},
     "weighted_round_robin: a server that is all busy makes 812 ({1}) to 1,020 ({0}) calls a second."),
    ("weighted_round_robin", {}, {}, "weighted_round_robin: no two load reports that count yet, so each in turn."),
    ("least_request", {"inFlight": 3}, {"inFlight": 1}, "least_request: 3 under way at most at one server."),
    ("round_robin", {}, {}, ""),
]


def test_what_the_policy_goes_by_is_one_line(stage, open_stage):
    stage.headless(3)
    stage.named = set(stage.pods)
    page = open_stage()
    first, second, _ = stage.pods
    names = [stage.pods[address][-5:] for address in (first, second)]
    for policy, one, other, line in POLICY_LINES:
        stage.policy, stage.server_facts = policy, {first: one, second: other}
        eventually(lambda line=line: page.text("#policy-line") == line.format(*names))
    stage.channel_extra = {"serviceConfig": {"methods": 2, "healthCheckService": "", "retryThrottling": {
        "maxTokens": 10.0, "tokenRatio": 0.1, "tokens": 4.5, "throttling": True}}}
    eventually(lambda: page.text("#policy-line") == (
        "4.5 of 10 tokens for retries are left: too few, so nothing is tried again for now."))
    assert page.text("[data-fact=retries]") == "4.5 of 10 tokens too few: nothing is tried again for now"
    assert page.text("[data-fact=config]") == "for 2 methods servers are asked for their health"
    stage.server_facts = {first: {"health": "NOT_SERVING", "healthReason": "the server says NOT_SERVING"}}
    eventually(lambda: condition(page, stage.pods[first]) == (
        "not-serving", "Gets no calls: the server says NOT_SERVING", "not-serving", "not serving"))


NEXT = {
    "clusterip": ["samplectl set mode=headless", "make deploy MODE=headless", "samplectl scale grpc=10",
                  f"samplectl trouble {pod_name(2)} delay=200ms",
                  "kubectl scale deployment/sample-service-grpc --replicas=10"],
    "headless": ["samplectl scale grpc=10", "kubectl rollout restart deployment/sample-service-grpc",
                 "samplectl set mode=clusterip", f"samplectl trouble {pod_name(1)} delay=200ms"],
}


@pytest.mark.parametrize("mode", NEXT)
def test_commands_to_try_next(stage, open_stage, mode):
    play(stage, mode)
    page = open_stage()
    run(page)
    commands = "return [...document.querySelectorAll('#next code')].map((code) => code.textContent)"
    eventually(lambda: set(NEXT[mode]) <= set(page.browser.script(commands)))
    expected = page.browser.script("return [...document.querySelectorAll('#next p')].map((text) => text.textContent)")
    assert all(expected)
    page.stop()
