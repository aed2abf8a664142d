"""The live page agrees with itself, and with the system, at every second of a run: headline, picture, bars and sums."""

import pytest

from support import eventually as waiting
from support.agreement import Recording, disagreements, in_words, read
from support.browser import LOOK_EVERY, Page
from support.modes import PROMISES, up_or_skip
from support.system import System

# Scaling and new connections are then noticed within seconds.
QUICK = ("--max-connection-age", "2s", "--dns-interval", "1s", "--dns-ttl", "1s")


def eventually(check, within: float = 40):
    return waiting.eventually(check, within, LOOK_EVERY)


@pytest.fixture
def open_page(browser):
    """open_page(system) → Page, running; the console must have nothing to say."""
    opened: list[Page] = []

    def open_it(system: System, rate: int = 100) -> Page:
        page = Page(browser, system.port)
        opened.append(page)
        page.start(rate=rate)
        return page

    yield open_it
    for page in opened:
        assert page.complaints() == []
    browser.driver.get("about:blank")


def check(samples: list[dict]):
    """Every sample agrees with itself, and no second is missing."""
    found = {sample["at"]: disagreements(sample) for sample in samples}
    assert {at: said for at, said in found.items() if said} == {}
    for sample in samples:
        print(f"{sample['at'] / 1000:7.1f} s  {sample['total']['recent']:5} calls  {sample['headline']}")


@pytest.mark.timeout(240)
def test_scaling_and_a_rolling_restart(new_system, open_page):
    """Two pods, then four, then four others, then two of those."""
    # Pods that outlast the DNS answer: with less a busy machine may have none left that the gateway knows, which is a 503.
    system = new_system().up(*QUICK, "--replicas", "2", shutdown_delay=None)
    scale_restart_and_scale_back(system, open_page(system, rate=50), few=2, many=4)


@pytest.mark.long
@pytest.mark.timeout(480)
def test_five_to_ten_and_a_rolling_restart_as_the_product_is(new_system, open_page):
    """With nothing made quick: connections end after 30 s, the gateway looks the name up every 5 s at most."""
    system = new_system().up(shutdown_delay=None)
    page = open_page(system, rate=100)
    samples = scale_restart_and_scale_back(system, page, few=5, many=10)
    gaps = [after["at"] - before["at"] for before, after in zip(samples, samples[1:], strict=False)]
    print(f"{len(samples)} samples in {(samples[-1]['at'] - samples[0]['at']) / 1000:.0f} s, at most {max(gaps)} ms apart")
    # The new pods wait for the end of a connection, 27 s and more after its beginning; they are new for 10 s; and then the restart.
    assert len(samples) >= 40


def scale_restart_and_scale_back(system: System, page: Page, few: int, many: int) -> list[dict]:
    """Beside the page that calls; at each second it must agree with itself, and at the end with the pods' logs."""
    eventually(lambda: page.finding[1].startswith(f"{in_words(few).capitalize()} pods answer evenly."))
    first = list(page.bars)
    with Recording(page) as recording:
        system.output("scale", f"grpc={many}")
        eventually(lambda: page.finding[1].startswith(f"{in_words(many).capitalize()} pods answer evenly."), within=90)
        assert list(page.states)[:few] == first, "nobody loses its place"
        before = set(page.states)
        page.browser.screenshot(f"{in_words(many)}-pods")
        system.output("restart", "grpc", within=150)
        after = {pod["name"] for pod in system.pods()}
        eventually(lambda: after <= set(page.bars), within=90)
        system.output("scale", f"grpc={few}")
        # That the others leave, 10 s later, is in test_page_states.
        eventually(lambda: page.attribute("#finding", "data-pods") == str(few), within=60)
    samples = recording.samples
    check(samples)
    assert len(samples) >= 10 and not before & after, "all were replaced, and it took a while"
    headlines = {sample["headline"] for sample in samples}
    assert any("new." in headline for headline in headlines), headlines
    page.stop()
    assert disagreements(read(page)) == []
    running = [pod["name"] for pod in system.pods() if pod["status"] == "Running"]
    assert len(running) == few

    def is_as_logged() -> bool:
        logged = system.served()
        assert {pod: logged[pod] for pod in running} == {pod: page.bars[pod] for pod in running}
        return True

    eventually(is_as_logged)
    return samples


@pytest.mark.timeout(180)
def test_two_gateways_add_up(new_system, open_page):
    system = new_system().up(*QUICK)
    page = open_page(system)
    with Recording(page) as recording:
        system.output("scale", "gateway=2")
        eventually(lambda: "each of the two gateways has a connection to each" in page.finding[1], within=40)
        eventually(lambda: len(gateways(page)) == 2 and all(gateways(page)))
        eventually(lambda: len(recording.samples) >= 3)
    check(recording.samples)
    page.stop()


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_gateway_that_goes_leaves_the_page(new_system, open_page):
    """It takes the page 10 s and more to believe it; test_page_states plays the same to it."""
    system = new_system().up(*QUICK)
    system.output("scale", "gateway=2")
    page = open_page(system, rate=20)
    eventually(lambda: len(gateways(page)) == 2 and all(gateways(page)), within=40)
    with Recording(page) as recording:
        page.may_fail = True  # the look, or the call, that was under way when the gateway went
        system.output("scale", "gateway=1")
        eventually(lambda: len(gateways(page)) == 1 and "two gateways" not in page.finding[1], within=60)
    check(recording.samples)
    page.stop()


def gateways(page: Page) -> list[int]:
    return [node["calls"] for node in read(page)["nodes"] if node["kind"] == "gateway"]


# Mode → what stands between gateway and pods, what tells the addresses.
PICTURES = {
    "clusterip": ("virtual IP", "DNS"), "headless": (None, "DNS"), "kubernetes": (None, "Kubernetes API"),
    "envoy": ("Envoy", "DNS"), "envoy-sidecar": ("Envoy", "DNS"), "etcd": (None, "etcd"), "consul": (None, "Consul"),
    "nginx": ("nginx", "DNS"),
}


# What other tests show of a real system (the corners in test_page), and what is drawn like another one; test_page_states plays
# all of them to the page.
SHOWN_ELSEWHERE = {"clusterip", "headless", "kubernetes", "consul"}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("mode", [
    pytest.param(mode, marks=pytest.mark.long) if mode in SHOWN_ELSEWHERE else mode for mode in PROMISES])
def test_picture_of_every_mode(new_system, open_page, mode):
    system = up_or_skip(new_system(mode), mode, shutdown_delay="100ms")
    page = open_page(system)
    serving = 1 if mode == "clusterip" else 5
    eventually(lambda: len(page.bars) == serving and len(page.states) == 5 and page.total("total") > 100, within=40)
    eventually(lambda: len(page.idle) == 5 - serving)
    assert set(page.bars) <= {pod["name"] for pod in system.pods()}
    assert set(page.idle) <= system.pod_addresses("grpc"), "who never answered is shown by its address"
    seen = read(page)
    assert disagreements(seen) == []
    titles = page.browser.script("""
        return [...document.querySelectorAll("#picture .nodes > g")].map((node) => (
            [node.dataset.kind, node.querySelector(".name").textContent]));
        """)
    between = [title for kind, title in titles if kind in ("service", "proxy")]
    assert (between, [title for kind, title in titles if kind == "source"]) == (
        [PICTURES[mode][0]] if PICTURES[mode][0] else [], [PICTURES[mode][1]])
    assert page.text("#picture-mode").startswith(f"mode {mode}, policy ")
    assert page.browser.violations() == []
    page.browser.screenshot(f"real-{mode}")
    page.stop()
