"""In which order tests run when several run at once.

Tests of the page need a processor, for Chromium; most others wait for what they have started. In the order of their names
the first third of a run used half of two processors, and then every worker had a browser.
"""

from itertools import groupby

# How many workers begin with a browser.
BROWSERS = 2


def dealt(items: list, workers: int) -> list:
    """The same tests, so that two workers begin with the page while the others wait for programs.

    pytest-xdist (`--dist worksteal`) gives each worker an equal number of neighbours, and to one that has none left half of
    what the worker with the most has, from its end. So each part begins with the files of few tests, which take long, and
    ends with those of many, which are quick. A file's tests stay together where they can, for what they share.
    """
    if workers <= BROWSERS:
        return items
    sizes = [(len(items) + worker) // workers for worker in range(workers)]
    parts: list[list] = [[] for _ in sizes]
    rest: list = []
    browsing = [item for item in items if "browser" in item.fixturenames]
    for file in sorted(files(browsing), key=len, reverse=True):
        min(parts[:BROWSERS], key=len).extend(file)
    for file in sorted(files(item for item in items if "browser" not in item.fixturenames), key=len):
        part = min(parts[BROWSERS:], key=len)
        (part if len(part) + len(file) <= min(sizes) else rest).extend(file)
    for part, size in zip(parts, sizes):
        missing = max(0, size - len(part))
        part += rest[:missing]
        del rest[:missing]
    return [item for part in parts for item in part]


def files(items) -> list[list]:
    return [list(group) for _, group in groupby(items, key=lambda item: item.nodeid.partition("::")[0])]
