"""The live page to look at, at three widths and in both schemes, by mouse, keyboard and screen reader."""

import re

import pytest
from selenium.webdriver.common.by import By

from support.agreement import disagreements, read
from support.browser import Page
from support.stage import pod_name
from support.staged import eventually, run

SIZES = [(1280, 800), (1920, 1080), (360, 780)]


STATES = ["clusterip", "headless", "gateways", "failing", "trouble"]
EVERYTHING = {(width, scheme) for width, _ in SIZES for scheme in ("light", "dark")}
# What axe is asked about, and what there is a picture of: each number of pods at every size in both schemes in one state or
# another, for it takes longer than all else here. `test_every_look` asks about all of them in every state.
COMBINATIONS = [(pods, *look) for pods in (5, 10) for look in sorted(EVERYTHING)]


def looked_at(state: str) -> dict[int, set[tuple[int, str]]]:
    own = COMBINATIONS[STATES.index(state)::len(STATES)]
    return {pods: {(width, scheme) for number, width, scheme in own if number == pods} for pods in (5, 10)}


def test_every_look_is_looked_at_in_one_state():
    asked = [(pods, *look) for state in STATES for pods, looks in looked_at(state).items() for look in looks]
    assert sorted(asked) == sorted(COMBINATIONS) and len(asked) == 12


@pytest.mark.parametrize("state", STATES)
def test_looks(stage, open_stage, state):
    look_at_state(stage, open_stage, state, looked_at(state))


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("state", STATES)
def test_every_look(stage, open_stage, state):
    look_at_state(stage, open_stage, state, {5: EVERYTHING, 10: EVERYTHING})


def look_at_state(stage, open_stage, state: str, looks: dict):
    stage.network = "10.244.113"  # long addresses need room
    if state == "gateways":
        stage.gateways = [pod_name(1, "gateway"), pod_name(2, "gateway")]
    for index in range(3):
        stage.tell("addresses", "dns:///sample-service-grpc-headless:8080 has 5 addresses: 10.244.0.1, …")
        stage.tell("connected", f"connected to 10.244.0.{index}:8080", address=f"10.244.0.{index}:8080")
        stage.tell("goaway", "10.244.0.3:8080 ends the connection: max_age", code="NO_ERROR", ageSeconds=30.2)
        stage.tell("connection-lost", "connection to 10.244.0.4:8080 lost after 12.0 s: Connection reset by peer")
    page = None
    for pods in looks:
        (stage.clusterip if state == "clusterip" else stage.headless)(pods)
        if state == "trouble":
            in_trouble(stage)
        page = page or open_stage()
        eventually(lambda pods=pods: len(page.states) == pods)
        run(page)
        if state == "failing":
            page.may_fail = True
            stage.error = {"code": "UNAVAILABLE", "message": "no address of dns:///sample-service-grpc-headless:8080"}
            eventually(lambda: page.finding[0] == "failing")
        # At rest all of it stays as it is, and looking at it takes a third of the time.
        page.stop()
        # Which name is which address's is learnt by a look, and the last of them may still be on its way.
        eventually(lambda pods=pods: len(page.states) == pods)
        look_at(page, f"{state}-{pods}", looks[pods])
        stage.error = None


# What else a page can be about: before any request, while pods come or go, when nobody calls or nothing works.
MOMENTS = ["unasked", "newcomers", "gone", "fifty", "asleep", "nobody", "not-serving", "long-names", "silent", "back"]


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("moment", MOMENTS)
def test_every_look_of_a_moment(stage, open_stage, moment):
    stage.network = "10.244.113"
    stage.headless({"fifty": 50, "silent": 10, "back": 10}.get(moment, 5))
    resolver = {"addresses": [], "ttlSeconds": None, "lookups": 3, "lastLookupSecondsAgo": 1900.0,
                "nextLookupInSeconds": None, "lastError": None}
    if moment == "asleep":
        stage.channel_extra = {
            "state": "IDLE", "idleReason": "no call for 30m", "subchannels": [], "resolver": resolver}
    elif moment == "nobody":
        error = "dns:///sample-service-grpc-headless:8080: the name server 10.96.0.10 said SERVFAIL"
        stage.pods, stage.known = {}, []
        stage.channel_extra = {
            "state": "TRANSIENT_FAILURE", "subchannels": [],
            "resolver": resolver | {"lastError": error, "lastErrorSecondsAgo": 2.0, "nextLookupInSeconds": 3.5}}
        stage.error = {"code": "UNAVAILABLE", "message": error}
    elif moment == "not-serving":
        stage.channel_extra = {"serviceConfig": {"methods": 2, "healthCheckService": "", "retryThrottling": {
            "maxTokens": 10.0, "tokenRatio": 0.1, "tokens": 4.5, "throttling": True}}}
        ailing, *stage.serving = stage.known
        stage.server_facts = {ailing: {"health": "NOT_SERVING", "healthReason": "the server says NOT_SERVING"}}
    elif moment == "long-names":
        stage.pods = {address: f"orders-of-a-customer-in-the-far-north-{number}-7d4f9c6b8-{name[-5:]}"
                      for number, (address, name) in enumerate(stage.pods.items())}
    page = open_stage()
    page.may_fail = moment == "nobody"
    if moment == "nobody":
        page.start(rate=100)
        eventually(lambda: page.finding[0] == "failing")
    elif moment not in ("unasked", "asleep"):
        run(page)
    if moment == "newcomers":
        stage.pods = stage.pods | {f"{stage.network}.{number}": pod_name(number) for number in range(6, 11)}
        eventually(lambda: len(page.idle) == 5)
    elif moment == "gone":
        address, name = list(stage.pods.items())[2]
        stage.lose(address)
        eventually(lambda: "gone" in page.text(f"tr[data-pod='{name}'] .mark"))
    elif moment in ("silent", "back"):
        eventually(lambda: page.total("total") > 250)
        stage.serving = stage.known[:5]
        eventually(lambda: list(page.states.values()).count("silent") == 5)
        if moment == "back":
            stage.serving = None
            eventually(lambda: list(page.states.values()).count("back") == 5)
    if moment not in ("unasked", "asleep"):
        page.stop()
    look_at(page, moment, EVERYTHING, is_above_fold=moment not in ("fifty", "nobody"))


def in_trouble(stage):
    """One pod ejected, one slow, and what else the policy knows."""
    stage.policy = "outlier_detection"
    ejected, slow, *_ = stage.known
    stage.channel_extra = {"childPolicy": "peak_ewma", "serviceConfig": {
        "methods": 1, "healthCheckService": None,
        "retryThrottling": {"maxTokens": 10.0, "tokenRatio": 0.1, "tokens": 7.5, "throttling": False}}}
    stage.troubles = {ejected: "delay=50ms fail=0.5", slow: "delay=200ms"}
    ejection = {"failed": 480, "calls": 500, "secondsAgo": 11.6, "secondsLeft": 18.4}
    stage.server_facts = {address: {"latencyMilliseconds": 0.8} for address in stage.known} | {
        ejected: {"latencyMilliseconds": 51.2, "ejection": ejection}, slow: {"latencyMilliseconds": 201.7}}


def look_at(page: Page, name: str, looks: set[tuple[int, str]], is_above_fold: bool = True):
    papers = set()
    for width, height in SIZES:
        # What is where does not depend on the scheme.
        for scheme in ("light", *(scheme for scheme in ("dark",) if (width, scheme) in looks or width == 1280)):
            page.browser.look(width=width, height=height, scheme=scheme)
            papers.add(page.style("body", "backgroundColor"))
            if scheme == "light":
                eventually(lambda: page.browser.script("""
                    const svg = document.querySelector("#picture svg");
                    return svg.viewBox.baseVal.width === svg.parentElement.clientWidth;
                    """))
                assert (page.overflow(), broken(page), cut_texts(page)) == (0, [], [])
                assert width != 1280 or crossed_boxes(page) == []
            if (width, scheme) in looks:
                page.browser.screenshot(f"{name}-{width}-{scheme}")
                assert page.browser.violations() == []
        if (width, height) == (1280, 800) and is_above_fold:
            # Eventually: to take a picture of the whole page Chromium gives it another size for a moment.
            parts = "#picture svg", "#policy-line", "#headline", "#pods-present tr:last-child"
            eventually(lambda: bottom(page, *parts) <= 800)  # above the fold
        if width == 1920:
            right = page.browser.script("return Math.max(...[...document.querySelectorAll('main section')].map("
                                        "(section) => section.getBoundingClientRect().right))")
            assert right > 1850, "the width is used"
    assert len(papers) == 2, "light and dark"


def broken(page: Page) -> list[str]:
    """What stands beside a pod's name, or is one word of a command, is there in one piece; and no cell of the phone's list of
    connections is underlined."""
    return page.browser.script("""
        // With the widest figures that there are, whatever this machine's are: names have the least room beside them.
        const figures = [...document.querySelectorAll("#pods td.number")].filter(
            ({ cellIndex, textContent }) => [2, 3, 4].includes(cellIndex) && /\\d/.test(textContent));
        const shown = figures.map(({ textContent }) => textContent);
        figures.forEach((cell) => { cell.textContent = cell.cellIndex === 2 ? "17.9 %" : "297 ms"; });
        // And with what is said of one that has not answered for a while, which no state has for sure.
        const unmarked = [...document.querySelectorAll("#pods-present .common:not(:empty)")].map(
            (common) => common.closest(".line").querySelector(".mark")).filter(({ textContent }) => !textContent);
        unmarked.forEach((mark) => { mark.innerHTML = '<span class="said">seen </span>119 s ago'; });
        // An ellipsis takes letters for a part of a pixel, which scrollWidth does not know.
        const cut = [...document.querySelectorAll(".mark:not(:empty)")].filter((mark) => {
            const free = mark.cloneNode(true);
            free.style.cssText = "position: absolute; width: max-content; max-width: none";
            mark.after(free);
            const missing = free.getBoundingClientRect().width - mark.getBoundingClientRect().width;
            free.remove();
            return missing > 0.001;
        });
        const parted = [...document.querySelectorAll("#next .whole")].filter((word) => word.getClientRects().length > 1);
        const lined = window.innerWidth > 640 ? [] : [...document.querySelectorAll("#subchannels :is(th, td)")].filter(
            (cell) => getComputedStyle(cell).borderBottomWidth !== "0px");
        const words = [...cut, ...parted, ...lined].map(({ textContent }) => `${window.innerWidth}: ${textContent}`);
        figures.forEach((cell, index) => { cell.textContent = shown[index]; });
        unmarked.forEach((mark) => mark.replaceChildren());
        return words;
        """)


def bottom(page: Page, *selectors: str) -> float:
    return page.browser.script("""
        return Math.max(...arguments[0].map((selector) => (
            document.querySelector(selector).getBoundingClientRect().bottom + window.scrollY)));
        """, list(selectors))


def cut_texts(page: Page) -> list[str]:
    """What is written in the picture must fit its box."""
    return page.browser.script("""
        return [...document.querySelectorAll("#picture .nodes > g")].flatMap((node) => {
            const box = node.querySelector("rect").getBBox();
            const texts = [...node.querySelectorAll("text")].filter(({ textContent }) => textContent);
            const places = texts.map((text) => text.getBBox()).sort((a, b) => a.x - b.x);
            const isRow = node.dataset.shape === "row";
            return texts.filter((text) => {
                const { x, width } = text.getBBox();
                const isOnAnother = isRow && places.some((place, index) => (
                    index > 0 && places[index - 1].x + places[index - 1].width > place.x));
                return isOnAnother || x < box.x - 1 || x + width > box.x + box.width + 1;
            }).map(({ textContent }) => `${window.innerWidth}: ${textContent}`);
        });
        """)


def crossed_boxes(page: Page) -> list[str]:
    """No call goes, or seems to go, through a box that is neither its beginning nor its end."""
    return page.browser.script("""
        const boxes = [...document.querySelectorAll("#picture .nodes > g")].map((node) => (
            [node.dataset.id, node.querySelector("rect").getBBox()]));
        const edges = [...document.querySelectorAll("#picture .edges [data-kind=calls]")];
        return edges.flatMap((edge) => boxes.filter(([id, { x, y, width, height }]) => {
            if (id === edge.dataset.from || id === edge.dataset.to) return false;
            const [length, half] = [edge.getTotalLength(), Number(edge.getAttribute("stroke-width")) / 2];
            return Array.from({ length: 101 }, (_, part) => edge.getPointAtLength((length * part) / 100)).some((at) => (
                at.x > x && at.x < x + width && at.y + half > y && at.y - half < y + height));
        }).map(([id]) => `${edge.dataset.from} to ${edge.dataset.to} by ${id}`));
        """)


def test_picture_without_room_agrees_with_what_is_beside_it(stage, open_stage):
    """For a moment there is none, and the page hears of another size, when Chromium takes a picture of the whole page."""
    stage.headless(4)
    page = open_stage()
    run(page)
    page.browser.script("document.querySelector('#picture svg').parentElement.style.display = 'none'")
    before = page.total("total")
    eventually(lambda: page.total("total") >= before + 20)
    assert disagreements(read(page)) == []
    page.stop()


def test_region_of_events_can_be_scrolled_by_keyboard(stage, open_stage):
    stage.headless(5)
    for number in range(40):
        stage.tell("connected", f"connected to 10.244.0.{number}:8080")
    page = open_stage()
    region = page.driver.find_element(By.ID, "events-list")
    eventually(lambda: region.is_displayed())
    assert page.attribute("#events-list", "tabindex") == "0"
    assert page.browser.script("const list = arguments[0]; return list.scrollHeight > list.clientHeight", region)


def test_picture_has_a_text(stage, open_stage):
    stage.clusterip(5)
    page = open_stage()
    run(page)
    page.stop()  # while calls are made it is told anew every 5 s only
    label = eventually(lambda: re.search(r"\w{5} [\d,]+\.", page.attribute("#picture svg", "aria-label"))
                       and page.attribute("#picture svg", "aria-label"))
    assert re.fullmatch(
        r"The way of the calls: client, nginx, gateway and virtual IP, then five pods\. "
        r"[\d,]+ calls in the last 10 seconds: \w{5} [\d,]+\. Four pods are idle\.", label), label
