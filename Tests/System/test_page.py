"""The live page in a real browser, against a real system."""

import json
import re

import pytest
from selenium.webdriver.common.keys import Keys

from support.agreement import disagreements, read
from support.browser import LOOK_EVERY, Page
from support import eventually as waiting
from support.system import System


def eventually(check, within: float = 40):
    """Nothing here is about how long the page takes. With ten processes to a processor a browser has sent 20 requests a
    second in place of 100, and was 6 s behind; so 40 s tell what hangs from what is slow."""
    return waiting.eventually(check, within, LOOK_EVERY)


# Scaling and new connections are then noticed within seconds.
QUICK = ("--max-connection-age", "2s", "--dns-interval", "1s", "--dns-ttl", "1s")


@pytest.fixture(scope="module")
def shared(state_folder):
    """A system for the tests that change nothing in it."""
    system = System("shared", state_folder).up("--max-connection-age", "off")
    waiting.eventually(lambda: system.ready() == 5)
    yield system
    system.down()
    assert system.left_behind() == []


@pytest.fixture
def open_page(browser):
    """open_page(system) → Page; whatever the test does, the browser's console must have nothing to say."""
    opened: list[Page] = []

    def open_it(system: System) -> Page:
        opened.append(Page(browser, system.port))
        return opened[-1]

    yield open_it
    browser.slow_down(0)
    for page in opened:
        assert page.complaints() == []
    browser.driver.get("about:blank")


@pytest.fixture
def page(open_page, shared):
    return open_page(shared)


def answered(system: System) -> int:
    """How many requests the gateway logged as answered."""
    return len(re.findall(r'\| 200 \|.*"/go/sample"', system.output("logs", "gateway")))


# What is shown is what was served

def test_bars_add_up_to_what_the_pods_logged(page, shared):
    pods_before, gateway_before = shared.served(), answered(shared)
    page.start(rate=100)
    eventually(lambda: len(page.bars) == 5 and page.total("total") >= 100)
    page.stop()
    page.click("burst")
    page.await_rest()

    bars = page.bars
    assert len(bars) == 5 and sum(bars.values()) == page.total("total") >= 200
    eventually(lambda: shared.served() - pods_before == bars)
    eventually(lambda: answered(shared) - gateway_before == sum(bars.values()))
    assert sum(int(row.replace(",", "")) for row in page.browser.script(
        "return [...document.querySelectorAll('tr[data-pod] td:last-child')].map((cell) => cell.textContent)"
    )) == sum(bars.values()), "the figures in words are the same"
    assert disagreements(read(page)) == []


def test_a_hundred_at_once(page):
    page.click("burst")
    page.await_rest()
    assert set(page.bars.values()) == {20}
    eventually(lambda: page.finding[0] == "even" and page.finding[1].startswith("Stopped. Five pods answered evenly."))


def test_clear_begins_anew(page):
    page.click("burst")
    page.await_rest()
    page.click("clear")
    eventually(lambda: page.bars == {} and len(page.idle) == 5)
    eventually(lambda: page.finding[0] == "idle")


CORNERS = [
    ("clusterip", "pick_first", "service", ["one connection", "one address, a virtual IP"]),
    ("clusterip", "round_robin", "service", ["one address, a virtual IP", "round_robin has nothing to take turns"]),
    ("headless", "pick_first", "gateway", ["five addresses", "pick_first uses one", "other four are idle"]),
    ("headless", "round_robin", None, ["five addresses", "a connection to each", "round_robin takes turns"]),
]


@pytest.mark.parametrize("mode, policy, narrow, words", CORNERS)
def test_sentence_says_what_is_seen_and_why(new_system, open_page, mode, policy, narrow, words):
    system = new_system().up("--mode", mode, "--policy", policy, "--max-connection-age", "off")
    page = open_page(system)
    eventually(lambda: page.finding[0] == "idle")
    page.start(rate=100)
    one = ("one", "All requests go to one of five pods.")
    kind, headline = ("even", "Five pods answer evenly.") if narrow is None else one
    eventually(lambda: page.total("total") > 100)

    def says_so() -> bool:
        """It speaks of the last second, in which a slow browser may have got a single answer, too few to tell."""
        found, said = page.finding
        assert found == kind and said.startswith(headline), said
        assert [word for word in words if word not in said] == [], said
        assert page.narrow == narrow and disagreements(read(page)) == []
        return True

    eventually(says_so)
    pods = 5 if narrow is None else 1
    assert len(page.bars) == pods
    eventually(lambda: len(page.idle) == 5 - pods)  # who gets nothing is there all the same
    source = "return Number(document.querySelector('#picture [data-kind=source]').dataset.value)"
    assert page.browser.script(source) == (5 if mode == "headless" else 1)
    assert page.text("[data-fact=policy]").startswith(policy)
    page.stop()


def test_moved_connection_is_told(new_system, open_page):
    """In ClusterIP a new connection reaches another pod: the first has not died, and the sentence knows. It takes some
    answers of one pod to say so, which a slow browser does not get in a second."""
    page = open_page(new_system().up("--mode", "clusterip", "--replicas", "10", "--max-connection-age", "3s"))
    page.start(rate=100)
    move = r"Until \d+ s ago it was pod \w{5}; then its connection ended, and the next one reached pod \w{5}\."
    kind, said = eventually(lambda: re.search(move, (found := page.finding)[1]) and found)
    assert kind == "one" and "stopped answering" not in said


# Pods that come and go

class Killed:
    """A pod that is killed again and again, and what the page shows of it."""

    def __init__(self, system: System, page: Page):
        self.system, self.page = system, page
        self.name = list(page.bars)[1]

    def is_seen_to_be_silent(self) -> bool:
        """Killed whenever it runs, for the first restarts are too quick to be seen; and all of it is read at once, for
        beside other work a browser may take longer between two questions than the pod is away."""
        self.system.samplectl("kill", self.name)
        state, opacity, mark, finding = self.page.browser.script("""
            const row = document.querySelector(arguments[0]);
            if (row === null) return ["", 1, "", ""];
            return [row.dataset.state, Number(getComputedStyle(row.querySelector(".bar")).opacity),
                row.querySelector(".mark").textContent, document.querySelector("#finding").textContent];
            """, f"tr[data-pod='{self.name}']")
        seen = re.fullmatch(r"gone|seen \d+ s ago", mark)
        return state == "silent" and opacity < 0.5 and seen and re.search(
            rf"Pod {self.name[-5:]} stopped answering \d+ s ago\.", finding)

    def has_left(self) -> bool:
        """Each kill doubles the time until the next start; once that is long enough, the pod is not there any more."""
        self.system.samplectl("kill", self.name)
        return self.name not in self.page.states


@pytest.fixture
def killed(new_system, open_page):
    system = new_system().up("--replicas", "3", *QUICK)
    page = open_page(system)
    page.may_fail = True  # a call that the pod was working on
    page.start(rate=50)
    eventually(lambda: len(page.bars) == 3 and page.total("total") > 50)
    return Killed(system, page)


def test_killed_pod_fades_and_comes_back(killed):
    page, pod = killed.page, killed.name
    count = page.bars[pod]
    eventually(killed.is_seen_to_be_silent, within=60)
    assert page.browser.violations() == [], "faded text can still be read"
    page.browser.screenshot("killed-pod")
    eventually(lambda: page.states.get(pod) == "back" and page.bars[pod] > count, within=90)
    page.stop()
    assert page.bars[pod] > count, "what it served before still counts"
    assert disagreements(read(page)) == []


@pytest.mark.long
@pytest.mark.timeout(180)
def test_killed_pod_leaves_and_comes_back(killed):
    """The waits are those of a page and a supervisor; test_page_states plays the same to the page."""
    page, pod = killed.page, killed.name
    count = page.bars[pod]
    eventually(killed.has_left, within=60)
    assert disagreements(read(page)) == []
    assert page.total("gone") >= count, "what it served still counts"
    eventually(lambda: page.states.get(pod) == "back" and page.bars[pod] > count, within=60)
    page.stop()
    assert sum(page.bars.values()) + page.total("gone") == page.total("total"), "what it served before still counts"
    assert disagreements(read(page)) == []


CONDITION = """
    const parts = (pod) => [pod?.dataset.condition ?? "", pod?.querySelector(".condition, .note").textContent ?? ""];
    const find = (where) => document.querySelector(`${where} [data-pod='${arguments[0]}']`);
    return [...parts(find("#pods-present")), ...parts(find("#picture"))];
    """


def test_trouble_and_ejection_are_marked(new_system, open_page, tmp_path):
    """One pod fails half of its calls: it says so itself, outlier_detection ejects it, and it comes back."""
    ejection = {
        "interval": "1s", "baseEjectionTime": "4s", "maxEjectionPercent": 50, "childPolicy": [{"round_robin": {}}],
        "failurePercentageEjection": {"threshold": 30, "minimumHosts": 3, "requestVolume": 5}}
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"loadBalancingConfig": [{"outlier_detection": ejection}]}))
    system = new_system().up("--replicas", "3", "--max-connection-age", "off", "--service-config", f"@{config}")
    page = open_page(system)
    page.may_fail = True
    page.start(rate=100)
    eventually(lambda: len(page.bars) == 3)
    eventually(lambda: page.text("#policy-line") == "outlier_detection around round_robin: nobody is ejected.")
    pod = list(page.bars)[1]
    eventually(lambda: re.search(r"samplectl trouble sample-service-grpc-\S+ delay=200ms", page.text("#next")))
    condition = lambda: page.browser.script(CONDITION, pod)
    # Until it is called off: in a fixed time a slow browser may not send as many calls as an ejection takes.
    system.output("trouble", pod, "delay=5ms", "fail=0.5")

    def is_ejected() -> bool:
        kind, text, drawn, word = condition()
        assert kind == drawn == word == "ejected", (kind, drawn, word)
        told = re.fullmatch(
            r"Ejected, ([0-4]) s left: (\d+) of (\d+) calls failed; waits 5ms before each call and fails 50 % of them, on "
            r"purpose, .*", text)
        return told and int(told[2]) > 0.3 * int(told[3]) and f"{pod[-5:]} for" in page.text("#policy-line")

    eventually(is_ejected, within=60)
    system.output("trouble", pod, "off")
    assert page.browser.violations() == []
    page.browser.screenshot("ejected")
    # After the ejection the pod gets calls again: its answers say that the trouble is over.
    eventually(lambda: condition() == ["", "", "", ""], within=60)
    eventually(lambda: page.states[pod] in ("back", "answering"))
    page.stop()
    assert disagreements(read(page)) == []


def test_errors_are_shown_with_their_code(new_system, open_page):
    system = new_system().up("--replicas", "1", *QUICK)
    page = open_page(system)
    page.may_fail = True
    page.start(rate=20)
    eventually(lambda: page.bars)
    system.output("scale", "grpc=0")
    eventually(lambda: page.finding[0] == "failing" and "UNAVAILABLE" in page.finding[1])
    eventually(lambda: "UNAVAILABLE (HTTP 503)" in page.text("#problems"))
    assert page.total("failed") > 0
    assert page.browser.violations() == []
    page.browser.screenshot("failing")
    system.output("scale", "gateway=0")
    eventually(lambda: "HTTP 502" in page.text("#problems"))
    eventually(lambda: page.text("#channel-problem").endswith("HTTP 502 Bad Gateway"))
    page.stop()


# Looks, and use without a mouse

def test_motion_can_be_declined(page):
    durations = []
    for motion in ("no-preference", "reduce"):
        page.browser.look(motion=motion)
        page.click("burst")
        page.await_rest()
        durations.append(page.style(".bar", "transitionDuration"))
    assert durations[0].startswith("0.") and durations[1] == "0s"


def test_keyboard_alone_will_do(page):
    focus = "return document.activeElement.id || document.activeElement.textContent"
    visited = []
    for _ in range(10):
        page.browser.press(Keys.TAB)
        visited.append(page.browser.script(focus))
        assert page.style(":focus", "outlineStyle") == "solid", f"the focus on {visited[-1]} is seen"
    assert visited == ["toggle", "rate", "burst", "clear", "events-list", "/go/sample", "/go/distribution",
                       "/go/channel", "/go/events", "#start"]

    for _ in range(9):
        page.press_backwards()
    page.browser.press(Keys.SPACE)
    eventually(lambda: len(page.bars) == 5)
    assert page.browser.script(focus) == "toggle", "the focus stays when Start becomes Stop"
    page.browser.press(Keys.TAB, Keys.ARROW_RIGHT)
    assert page.text("#rate-value") == "100"
    assert page.attribute("#rate", "aria-valuetext") == "100 a second"
    page.press_backwards()
    page.browser.press(Keys.ENTER)
    page.await_rest()
    assert page.text("#toggle") == "Start"


def test_screen_reader_hears_the_sentence(page):
    assert page.text("#announcement") == ""
    page.start(rate=100)
    eventually(lambda: page.text("#announcement").startswith("Five pods answer evenly."))
    pods = r"(\w{5} [\d,]+, ){3}\w{5} [\d,]+ and \w{5} [\d,]+"
    eventually(lambda: re.fullmatch(
        rf"[\d,]+ requests in the last 60 seconds: {pods}", page.attribute("#chart .plot svg", "aria-label")))
    page.stop()


def test_screen_reader_is_not_overwhelmed(page):
    heard = page.browser.module("""
        const { showFinding } = await load("view/finding.js");
        const heard = new Set();
        for (let now = 1e6; now < 1e6 + 20_000; now += 1_000) {
          const headline = `${Math.floor(now / 2_000)} pods answer.`;
          showFinding({ kind: "several", headline, reason: "", advice: "", news: [], cause: null }, now);
          heard.add(document.querySelector("#announcement").textContent);
        }
        return [...heard].filter(Boolean).length;
        """)
    assert 2 <= heard <= 4, "at most every five seconds, though the sentence changes every two"


# Manners

def test_rate_that_is_not_reached_is_told(page):
    page.browser.slow_down(200)
    page.start(rate=200)
    told = eventually(lambda: page.text("#pace").startswith("Reaches") and page.text("#pace"))
    reached = int(re.match(r"Reaches (\d+) of 200 a second", told).group(1))
    assert reached <= 25, "four at once, each 200 ms"
    page.browser.slow_down(0)
    page.stop()


def test_answers_that_do_not_come_are_told(page):
    page.browser.script("""
        const fetch = window.fetch;
        window.asked = 0;
        window.fetch = (url, options) => {
            if (String(url).includes("channel")) return fetch(url, options);
            window.asked += 1;
            return new Promise(() => {});
        };
        """)
    page.start(rate=100)
    told = r"Four requests are waiting for an answer, one for ([2-9]|\d\d) s; more than four at once are not sent\."
    eventually(lambda: re.fullmatch(told, page.text("#pace")))
    eventually(lambda: page.finding[0] == "waiting")
    assert page.browser.script("return window.asked") == 4, "nothing piles up"


def test_hidden_page_is_silent(page, shared):
    # Counted when they are made: what is under way may take its time.
    page.browser.script("""
        const fetch = window.fetch;
        window.asked = 0;
        window.fetch = (...request) => {
            window.asked += 1;
            return fetch(...request);
        };
        """)
    page.start(rate=100)
    eventually(lambda: page.total("total") > 20)
    page.show_hidden(True)
    asked = page.browser.module("""
        const before = window.asked;
        await new Promise((resolve) => setTimeout(resolve, 1100));
        return [before, window.asked];
        """)
    assert asked[0] == asked[1] > 20
    page.show_hidden(False)
    total = page.total("total")
    eventually(lambda: page.total("total") > total + 50)
    page.stop()


def test_what_comes_from_the_network_is_text(page):
    hostile = "<img src=x onerror=alert(1)>"
    page.browser.script("""
        const hostile = arguments[0];
        const json = (value, status) => new Response(JSON.stringify(value), { status });
        let calls = 0;
        window.fetch = async (url) => {
            if (String(url).includes("channel")) {
                const resolver = { addresses: [hostile], lastError: hostile, lookups: 1 };
                const subchannels = [{ address: hostile, state: hostile, lastError: hostile }];
                const pods = [{ address: hostile, name: null, known: true, connected: false }];
                const time = "2026-11-22T01:50:00Z";
                const events = [{ id: hostile, time, gateway: hostile, kind: hostile, message: hostile }];
                const words = { target: hostile, policy: hostile, mode: hostile, state: hostile, gateway: hostile };
                const podSource = { target: hostile };
                return json({ ...words, resolver, subchannels, pods, events, podSource }, 200);
            }
            return ++calls % 2 ? json({ hostname: hostile, response: { hostname: hostile } }, 200)
                : json({ error: { code: hostile, message: hostile } }, 503);
        };
        """, hostile)
    page.start()
    eventually(lambda: all(hostile in page.text(part) for part in (
        "#problems", "#pods", "#channel", "#finding", "#events", "#picture")))
    assert page.browser.script("return document.images.length") == 0
    page.stop()


def test_page_leaves_nothing_global(page):
    names = "return Object.keys(window).filter((name) => !/^(cdc|ret)_/.test(name))"  # the driver's own
    here = set(page.browser.script(names))
    page.may_fail = True  # for a picture alone the browser asks for /favicon.ico
    page.driver.get(page.driver.current_url + "icon.svg")
    assert here <= set(page.browser.script(names))
