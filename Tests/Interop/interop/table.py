"""The table of a run: what became of each case in each direction."""


from .cases import CASES, NEGATIVE

ORDER = [*CASES, *NEGATIVE]
# A client and a server; those without ours show that the harness is right.
DIRECTIONS = [
    "ours → grpcio", "grpcio → ours", "ours → ours", "ours → frames", "frames → ours", "grpcio → grpcio",
    "grpcio → frames", "frames → grpcio",
]


def record(record_property, case: str, direction: str):
    """To be called by a test that is one cell of the table."""
    record_property("interop", f"{case}|{direction}")


def cell(report) -> tuple[str, str]:
    """What the table shows, and the remark under it."""
    if report.passed:
        return "pass", ""
    if report.skipped:
        return "n/a", report.longrepr[2].removeprefix("Skipped: ")
    return "FAIL", ""


def table(reports) -> list[str]:
    cells: dict[str, dict[str, str]] = {}
    remarks: dict[str, list[str]] = {}
    for report in reports:
        place = dict(getattr(report, "user_properties", [])).get("interop")
        # A cell's test may fail in its fixtures, too.
        if place is None or (report.when != "call" and not report.failed):
            continue
        case, direction = place.split("|")
        shown, remark = cell(report)
        cells.setdefault(case, {})[direction] = shown
        if remark:
            remarks.setdefault(remark, []).append(f"{case}, {direction}")
    if not cells:
        return []
    order = [case for case in ORDER if case in cells]
    directions = [direction for direction in DIRECTIONS if any(direction in row for row in cells.values())]
    width = max(map(len, order)) + 2
    lines = [" " * width + "  ".join(directions)]
    for case in order:
        row = "  ".join(f"{cells[case].get(direction, ''):{len(direction)}}" for direction in directions)
        lines.append(f"{case:{width}}{row}".rstrip())
    for remark, places in remarks.items():
        lines += ["", f"n/a: {remark}", *(f"    {place}" for place in sorted(places))]
    return lines


