"""What /metrics shows, read by the official Prometheus client's parser."""

from collections import Counter
from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from .programs import Program, ask


class Metrics:
    """One reading of a program's metrics; every reading is checked for what makes the text valid."""

    def __init__(self, program: Program | str):
        """A program, or the address of its admin port."""
        answer = ask(program, "/metrics") if isinstance(program, str) else program.admin("/metrics")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        self.families: list[Metric] = list(text_string_to_metric_families(answer.text))
        self.samples: dict[tuple, float] = {}
        for family in self.families:
            for sample in family.samples:
                key = (sample.name, *sorted(sample.labels.items()))
                assert key not in self.samples, f"{key} is there twice"
                self.samples[key] = sample.value
        check(self.families)

    def total(self, name: str, **labels: str) -> float:
        """The sum of all series of that name that have these labels."""
        return sum(self.counts(name, **labels).values())

    def counts(self, name: str, *by: str, **labels: str) -> Counter:
        """counts("x_count", "grpc_status", grpc_method=…) → status → number"""
        counts = Counter()
        for (found, *pairs), value in self.samples.items():
            have = dict(pairs)
            if found == name and labels.items() <= have.items():
                counts[tuple(have.get(label, "") for label in by) if len(by) != 1 else have.get(by[0], "")] += value
        return counts

    @property
    def growing(self) -> dict[tuple, float]:
        """Everything that may only go up."""
        names = {sample.name for family in self.families if family.type in ("counter", "histogram")
                 for sample in family.samples}
        return {key: value for key, value in self.samples.items() if key[0] in names}


def check(families: list[Metric]):
    names = [family.name for family in families]
    assert len(set(names)) == len(names), "a family is there twice"
    for family in families:
        assert family.documentation, f"{family.name} has no help"
        assert family.type in ("counter", "gauge", "histogram"), family
        if family.type == "counter":
            assert all(sample.name.endswith("_total") for sample in family.samples), family.name
        if family.type == "histogram":
            check_histogram(family)


def check_histogram(family: Metric):
    buckets: dict[tuple, list[tuple[float, float]]] = {}
    singles: dict[tuple, dict[str, float]] = {}
    for sample in family.samples:
        series = tuple(sorted((name, value) for name, value in sample.labels.items() if name != "le"))
        if sample.name == f"{family.name}_bucket":
            buckets.setdefault(series, []).append((float(sample.labels["le"]), sample.value))
        else:
            singles.setdefault(series, {})[sample.name.removeprefix(family.name)] = sample.value
    assert buckets.keys() == singles.keys()
    for series, steps in buckets.items():
        assert steps == sorted(steps), f"{family.name}: bounds or counts that go down in {steps}"
        assert steps[-1] == (float("inf"), singles[series]["_count"]), f"{family.name}: {series}"
        assert len({bound for bound, _ in steps}) == len(steps)
        assert singles[series]["_sum"] >= 0


def sum_of(readings: Iterable[Metrics], name: str, *by: str, **labels: str) -> Counter:
    return sum((reading.counts(name, *by, **labels) for reading in readings), Counter())
