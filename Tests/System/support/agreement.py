"""Whether the live page agrees with itself: headline, picture, bars and sums, read at one moment, must say the same."""

NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
LIVELY = {"answering", "new", "back"}
FULL, LEAST = 26, 1.5  # the width of all calls together, and of the fewest


def in_words(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


# All that is on the page at one moment.
READ = """
    const rows = (selector) => [...document.querySelectorAll(selector)].map(({ dataset, cells }) => ({
        pod: dataset.pod, state: dataset.state, listed: dataset.listed === "true", recent: Number(dataset.recent ?? 0),
        count: Number(dataset.count ?? 0), share: cells[2].textContent, told: cells[1].textContent }));
    const [gone, total, failed] = ["gone", "total", "failed"].map((name) => {
        const row = document.getElementById(`pods-${name}`);
        const { recent, count } = row.hidden ? { recent: 0, count: 0 } : row.dataset;
        return { recent: Number(recent), count: Number(count) };
    });
    const svg = document.querySelector("#picture svg");
    const nodes = [...svg.querySelectorAll(".nodes > g")].map(({ dataset, textContent }) => (
        { ...dataset, calls: Number(dataset.calls) }));
    const edges = [...svg.querySelectorAll(".edges > path")].map((path) => ({
        ...path.dataset, calls: Number(path.dataset.calls), width: Number(path.getAttribute("stroke-width")) }));
    const { kind, pods } = document.querySelector("#finding").dataset;
    const text = (id) => document.getElementById(id).textContent;
    const sample = {
        at: Math.round(performance.now()), rows: rows("#pods-present tr"), gone, total, failed, nodes, edges,
        kind, pods, headline: text("headline"), reason: text("reason"),
        picks: [...document.querySelectorAll("#subchannels tbody tr")].map(({ cells }) => (
            Number(cells[3].textContent.replaceAll(",", "")))),
        allPicks: Number(document.getElementById("picks-total").dataset.value ?? 0),
    };
"""


def read(page) -> dict:
    return page.browser.script(READ + "return sample;")


class Recording:
    """A sample a second, taken in the page itself, so that nothing else on the machine makes it late."""

    def __init__(self, page):
        self._page = page

    def __enter__(self):
        take = f"() => {{ {READ} window.samples.push(sample); }}"
        self._page.browser.script(f"window.samples = []; window.recorder = setInterval({take}, 1000);")
        return self

    def __exit__(self, *_):
        self._page.browser.script("clearInterval(window.recorder);")

    @property
    def samples(self) -> list[dict]:
        return self._page.browser.script("return window.samples")


def disagreements(seen: dict) -> list[str]:
    """What on the page contradicts what else is on it."""
    rows, total, gone, failed = seen["rows"], seen["total"], seen["gone"], seen["failed"]
    said = []

    def must(holds: bool, claim: str):
        if not holds:
            said.append(f"{claim} | {seen['headline']}")

    def calls(*kinds: str) -> list[int]:
        return [node["calls"] for node in seen["nodes"] if node["kind"] in kinds]

    recent = sum(row["recent"] for row in rows) + gone["recent"]
    must(recent == total["recent"], f"the bars' calls add up to {recent}, the table's foot says {total['recent']}")
    count = sum(row["count"] for row in rows) + gone["count"]
    must(count == total["count"], f"all calls of the pods add up to {count}, the table's foot says {total['count']}")
    must(all(int(row["told"].replace(",", "")) == row["recent"] for row in rows), "a figure in words is another one")
    everything = total["recent"] + failed["recent"]
    must(calls("client") == calls("nginx") == [everything], f"client and nginx of the picture have {everything} calls")
    must(sum(calls("gateway")) == total["recent"], f"gateways {calls('gateway')} add up to {total['recent']}")
    must(not calls("service", "proxy") or sum(calls("service", "proxy")) == total["recent"], "what stands between, too")
    must(sum(calls("pod")) == total["recent"], f"the picture's pods add up to {sum(calls('pod'))}")
    drawn = {node["pod"]: (node["state"], node["calls"]) for node in seen["nodes"] if "pod" in node}
    listed = {row["pod"]: (row["state"], row["recent"]) for row in rows}
    must(len(rows) > 16 or drawn == listed, f"picture {drawn}, bars {listed}")
    said += edges_disagree(seen, everything)
    said += headline_disagrees(seen)
    must(sum(seen["picks"]) == seen["allPicks"], f"picks {seen['picks']} add up to {seen['allPicks']}")
    return said


def edges_disagree(seen: dict, everything: int) -> list[str]:
    said = []
    for node in seen["nodes"]:
        edges = [edge for edge in seen["edges"] if edge["to"] == node["id"] and edge["kind"] != "lookup"]
        if edges and sum(edge["calls"] for edge in edges) != node["calls"]:
            brought = [edge["calls"] for edge in edges]
            said.append(f"edges bring {brought} calls to {node['id']}, which has {node['calls']}")
    for edge in seen["edges"]:
        wanted = max(LEAST, FULL * edge["calls"] / everything) if edge["calls"] else 1
        if abs(edge["width"] - wanted) > 0.01:
            said.append(f"the edge to {edge['to']} is {edge['width']} wide for {edge['calls']} of {everything} calls")
    return said


def headline_disagrees(seen: dict) -> list[str]:
    rows, headline = seen["rows"], seen["headline"].removeprefix("Stopped. ")
    lively = [row for row in rows if row["state"] in LIVELY]
    said = []
    if seen["pods"] == "":
        return said
    if int(seen["pods"]) != len(lively):
        said.append(f"the headline means {seen['pods']} pods, {len(lively)} bars are alive: {headline}")
    number = in_words(len(lively))
    words = headline.lower().rstrip(".").split()
    if seen["kind"] != "one" and words[0] != number:
        said.append(f"{len(lively)} bars are alive, but: {headline}")
    if " of " in headline and " pods" in headline.split(" of ")[1]:
        there = sum(row["state"] in LIVELY or row["listed"] for row in rows)
        if headline.split(" of ")[1].split()[0] != in_words(there):
            said.append(f"{there} pods are there, but: {headline}")
    shares = [row["recent"] for row in lively]
    if seen["kind"] == "even" and max(shares) - min(shares) > max(3, 0.3 * sum(shares) / len(shares)):
        said.append(f"the bars are not even: {shares}: {headline}")
    if seen["kind"] == "uneven" and not any(f"{row['share']} of the answers" in headline for row in rows):
        said.append(f"no bar has this share: {headline}")
    answering = [node for node in seen["nodes"] if node["kind"] == "gateway" and node["calls"]]
    for word in NUMBERS[2:]:
        if f"{word} gateways" in seen["reason"] and NUMBERS.index(word) != len(answering):
            said.append(f"{len(answering)} gateways answered, but: {seen['reason']}")
    return said
