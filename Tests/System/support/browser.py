"""Chromium without a window, worked by Selenium, and the live page in it."""

import base64
from pathlib import Path

import axe_core_python
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from .eventually import eventually
from .paths import ROOT, tool

# Seconds from one look at a page to the next: each takes some ms of the processor, in three processes.
LOOK_EVERY = 0.1

SCREENSHOTS = ROOT / ".build" / "screenshots"
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()

# From --disable-component-update on: else the browser asks servers on its own account, or does what nobody looks at, such
# as to keep a process in reserve for the next page.
FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
    "--no-proxy-server", "--hide-scrollbars", "--disable-component-update", "--disable-background-networking",
    "--disable-extensions", "--disable-default-apps", "--disable-sync", "--metrics-recording-only", "--disable-breakpad",
    "--disable-features=SpareRendererForSitePerProcess,BackForwardCache,Translate,OptimizationHints,MediaRouter",
]


class Browser:
    """One browser, with a profile of its own in `folder`."""

    def __init__(self, folder: Path):
        options = webdriver.ChromeOptions()
        options.binary_location = tool("chromium")
        for flag in (*FLAGS, f"--user-data-dir={folder}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        # With a path given Selenium looks for no driver, and so downloads none.
        self.driver = webdriver.Chrome(options=options, service=Service(tool("chromedriver")))
        self.driver.set_script_timeout(60)

    def quit(self):
        self.driver.quit()

    def look(self, width: int = 1280, height: int = 800, scheme: str = "light", motion: str = "reduce"):
        """The size of the window in CSS pixels, and what the user prefers. Without a graphics card bars that glide take
        more of a processor than all else the page does, so only who looks at motion has it."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.command("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": motion}])

    def command(self, name: str, **parameters):
        return self.driver.execute_cdp_cmd(name, parameters)

    def slow_down(self, milliseconds: int):
        """Every request takes this much longer; 0 for none."""
        self.command("Network.enable")
        self.command(
            "Network.emulateNetworkConditions", offline=False, latency=milliseconds,
            downloadThroughput=-1, uploadThroughput=-1)

    def script(self, source: str, *arguments):
        return self.driver.execute_script(source, *arguments)

    def module(self, source: str):
        """Runs the body of an async function, in which `load("model/tally.js")` gives a module of the page."""
        result = self.driver.execute_async_script(f"""
            const done = arguments[arguments.length - 1];
            const load = (path) => import(new URL(path, location.href));
            const run = async () => {{ {source} }};
            run().then((value) => done({{ value }}), (error) => done({{ error: String(error) }}));
            """)
        assert "error" not in result, result["error"]
        return result.get("value")

    def press(self, *keys: str):
        ActionChains(self.driver).send_keys(*keys).perform()

    def screenshot(self, name: str):
        """The whole page, also what is below the window."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        picture = self.command("Page.captureScreenshot", captureBeyondViewport=True)
        (SCREENSHOTS / f"{name}.png").write_bytes(base64.b64decode(picture["data"]))

    def violations(self) -> list[str]:
        """What axe has to say against the page, every rule included."""
        if self.script("return typeof axe === 'undefined'"):
            self.script(AXE)
        result = self.driver.execute_async_script("axe.run().then(arguments[arguments.length - 1])")
        assert result["passes"], "axe has looked at something"
        return [f"{found['id']}: {node['html']}" for found in result["violations"] for node in found["nodes"]]


class Page:
    """The live page of a system, by what a user sees of it."""

    def __init__(self, browser: Browser, port: int, fragment: str = ""):
        self.browser = browser
        self.driver = browser.driver
        self.may_fail = False  # whether failed requests, which the browser logs, belong to the test
        browser.look()
        self.driver.get("about:blank")  # a fragment alone would not load the page anew
        self.driver.get_log("browser")  # what came before is not this page's
        self.driver.get(f"http://127.0.0.1:{port}/js/{fragment}")
        eventually(lambda: self.text("[data-fact=target]") != "–")

    def click(self, name: str):
        self.driver.find_element(By.ID, name).click()

    def start(self, rate: int | None = None):
        if rate:
            self.set_rate(rate)
        assert self.text("#toggle") == "Start"
        self.click("toggle")

    def stop(self):
        assert self.text("#toggle") == "Stop"
        self.click("toggle")
        self.await_rest()

    def await_rest(self):
        """Until nothing is under way. A hundred requests, five at once, take a browser seconds beside other work."""
        eventually(
            lambda: self.browser.script("return document.querySelector('#controls').dataset.state") == "idle", within=60, pause=0.03)

    def set_rate(self, rate: int):
        """By the keyboard, step by step."""
        slider = self.driver.find_element(By.ID, "rate")
        slider.send_keys(Keys.HOME)
        for _ in range(10):
            if self.text("#rate-value") == str(rate):
                return
            slider.send_keys(Keys.ARROW_RIGHT)
        raise AssertionError(f"the slider has no {rate}")

    def text(self, selector: str) -> str:
        return self.browser.script("return document.querySelector(arguments[0]).textContent", selector)

    def style(self, selector: str, name: str) -> str:
        return self.browser.script(
            "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", selector, name)

    def attribute(self, selector: str, name: str) -> str:
        return self.browser.script(
            "return document.querySelector(arguments[0]).getAttribute(arguments[1])", selector, name)

    @property
    def finding(self) -> tuple[str, str]:
        """What kind it is, and all that is said of it."""
        return tuple(self.browser.script("""
            const parts = [...document.querySelectorAll("#headline, #reason, #advice, #news li")];
            return [document.querySelector("#finding").dataset.kind, parts.map((part) => part.textContent).join(" ")];
            """))

    @property
    def narrow(self) -> str | None:
        """Where the picture says that the way gets narrow: the kind of that box."""
        return self.browser.script("return document.querySelector('#picture [data-narrow=true]')?.dataset.kind ?? null")

    @property
    def bars(self) -> dict[str, int]:
        """Pod → all its answers, in the order in which they are shown; those that never answered are left out."""
        return {pod: count for pod, count, *_ in self._rows() if count}

    @property
    def idle(self) -> list[str]:
        """Who gets nothing at present, by name, or by address as long as it is not named."""
        return [pod for pod, _, state in self._rows() if state == "idle"]

    @property
    def states(self) -> dict[str, str]:
        return {pod: state for pod, _, state in self._rows()}

    def _rows(self) -> list:
        return self.browser.script("""
            return [...document.querySelectorAll("tr[data-pod]")].map(
                ({ dataset }) => [dataset.pod, Number(dataset.count), dataset.state]);
            """)

    def total(self, name: str) -> int:
        """Of the table's foot, of all time: `total`, `failed` or `gone`."""
        return int(self.browser.script("return document.getElementById(arguments[0]).dataset.count", f"pods-{name}"))

    def press_backwards(self):
        """Shift and Tab."""
        ActionChains(self.driver).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()

    def show_hidden(self, is_hidden: bool):
        """As if the user had gone to another tab, or had come back."""
        self.browser.script("""
            Object.defineProperty(document, "hidden", { configurable: true, value: arguments[0] });
            document.dispatchEvent(new Event("visibilitychange"));
            """, is_hidden)

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return self.browser.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def complaints(self) -> list[str]:
        """What the browser's console has got, warnings included."""
        entries = self.driver.get_log("browser")
        return [entry["message"] for entry in entries if not (self.may_fail and entry["source"] == "network")]
