"""A report of the lab, laid out anew by `samplectl lab --from`: its files, and its pictures in Chromium."""

import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from support.paths import PROGRAMS, ROOT

RECORDINGS = ROOT / "Tests/tools/Recordings/lab"

# What of a picture's texts touches another's, or leaves it; and what is drawn at all.
LOOK = """
    const svg = document.documentElement;
    const frame = { right: svg.viewBox.baseVal.width, bottom: svg.viewBox.baseVal.height };
    const texts = [...svg.querySelectorAll("text")].filter(({ textContent }) => textContent.trim());
    const boxes = texts.map((text) => ({ text: text.textContent, box: text.getBBox() }));
    const touching = [];
    boxes.forEach((one, index) => boxes.slice(index + 1).forEach((other) => {
        const [a, b] = [one.box, other.box];
        // A box has room above capitals and below the line, where nothing is drawn.
        const isApart = a.x + a.width <= b.x || b.x + b.width <= a.x
            || a.y + a.height - 3 <= b.y || b.y + b.height - 3 <= a.y;
        if (!isApart) touching.push(`${one.text} | ${other.text}`);
    }));
    const outside = boxes.filter(({ box }) => box.x < 0 || box.y < 0 || box.x + box.width > frame.right
        || box.y + box.height > frame.bottom).map(({ text }) => text);
    const crossed = boxes.filter(({ box }) => [...svg.querySelectorAll("line.mark")].some((line) => {
        const ends = [line.y1.baseVal.value, line.y2.baseVal.value];
        const x = line.x1.baseVal.value;
        return x > box.x + 1 && x < box.x + box.width - 1
            && Math.min(...ends) < box.y + box.height - 4 && Math.max(...ends) > box.y + 3;
    })).map(({ text }) => text);
    const shapes = [...svg.querySelectorAll("path, circle, line, rect")].filter((shape) => !shape.closest("pattern"));
    const empty = shapes.filter((shape) => {
        const { width, height } = shape.getBBox();
        return !(width > 0 || height > 0) || !Number.isFinite(width + height);
    }).length;
    return { touching, outside, crossed, empty, texts: texts.length,
             drawn: svg.querySelectorAll("path.area, path.curve, circle").length,
             paper: getComputedStyle(svg.querySelector(".surface")).fill,
             ink: getComputedStyle(texts[0]).fill };
    """


def lay_out(name: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        [PROGRAMS / "samplectl", "lab", "--from", RECORDINGS / f"{name}.json", "--output", folder],
        capture_output=True, text=True, timeout=20)


@pytest.fixture(params=["awkward", "run"])
def report(request, tmp_path) -> Path:
    """By hand with what is hardest to lay out, and of a run."""
    result = lay_out(request.param, tmp_path / "report")
    assert result.returncode in (0, 1), result
    return tmp_path / "report"


def test_every_picture_draws_and_no_text_touches_another(report, browser):
    pictures = sorted(report.glob("*.svg"))
    assert {"notice", "latency-policies"} <= {picture.stem for picture in pictures}
    for picture in pictures:
        ElementTree.parse(picture)
        colours = set()
        for scheme in ("light", "dark"):
            browser.look(width=900, height=600, scheme=scheme)
            browser.driver.get(f"file://{picture}")
            seen = browser.script(LOOK)
            assert seen["touching"] == seen["outside"] == seen["crossed"] == [], (picture.name, seen)
            assert seen["drawn"] > 0 and seen["empty"] == 0, (picture.name, seen)
            colours.add((seen["paper"], seen["ink"]))
            name = re.sub(r"-+", "-", picture.stem).strip("-")
            browser.screenshot(f"lab-{report.parent.name[-12:]}-{name}-{scheme}")
        assert len(colours) == 2, "light and dark"


def test_the_readme_shows_every_picture_and_the_verdict_is_the_last_line(tmp_path):
    result = lay_out("awkward", tmp_path / "report")
    assert result.returncode == 1 and re.fullmatch(r"\d+ misses, of \d+ gated figures; 1 mode was not tried", result.stdout.splitlines()[-1])
    text = (tmp_path / "report/README.md").read_text()
    assert set(re.findall(r"\]\(([^)]+)\)", text)) == {picture.name for picture in (tmp_path / "report").glob("*.svg")}
    assert (tmp_path / "report/report.json").read_bytes() == (RECORDINGS / "awkward.json").read_bytes()


def test_a_folder_that_is_something_else_is_refused_before_anything_is_measured(tmp_path):
    (tmp_path / "thesis.tex").touch()
    result = subprocess.run([PROGRAMS / "samplectl", "lab", "--output", tmp_path], capture_output=True, text=True, timeout=10)
    assert result.returncode == 1 and "thesis.tex in it is not the lab's. Move it away, or name another" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_every_member_of_the_json_is_documented():
    report = json.loads((RECORDINGS / "awkward.json").read_text())
    document = (ROOT / "docs/lab-report.md").read_text()

    def members(value):
        if isinstance(value, dict):
            yield from value
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from members(part)

    assert {name for name in members(report) if f"`{name}`" not in document} == set()


def test_the_document_has_the_recorded_runs_figures(tmp_path):
    """With another run in run.json: its tables go into docs/which-mode.md, and two of its pictures into docs/pictures."""
    lay_out("run", tmp_path / "report")
    document = (ROOT / "docs/which-mode.md").read_text()
    report = (tmp_path / "report/README.md").read_text()
    for head in ("| mode | what it does |", "| policy | slow pod's share |"):
        [table] = [block for block in report.split("\n\n") if block.startswith(head)]
        assert table in document, f"docs/which-mode.md has not this table:\n{table}"
    for name in ("notice", "latency-policies"):
        drawn, shown = tmp_path / f"report/{name}.svg", ROOT / f"docs/pictures/lab-{name}.svg"
        assert drawn.read_text() == shown.read_text(), f"docs/pictures/lab-{name}.svg is of another run"
    assert json.loads((RECORDINGS / "run.json").read_text())["machine"]["processor"] in document


def test_what_is_no_report_is_named(tmp_path):
    (tmp_path / "x.json").write_text('{"kind": "Pod"}')
    for path, message in [(tmp_path / "x.json", "this is no report of samplectl lab"), (tmp_path / "none.json", "none.json")]:
        result = subprocess.run([PROGRAMS / "samplectl", "lab", "--from", path, "--output", tmp_path / "report"],
                                capture_output=True, text=True, timeout=10)
        assert result.returncode == 1 and message in result.stderr, result
    assert not (tmp_path / "report").exists()
