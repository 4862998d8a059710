"""What the gateway counts about the requests it answers, in the form that Prometheus reads."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


class Tally:
    """The durations of one kind of request: of one API, method, route and status."""

    __slots__ = ("_counts", "_seconds")

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_SECONDS) + 1)
        self._seconds = 0.0

    def add(self, seconds: float) -> None:
        self._counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self._seconds += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Upper bound and how many were at most that long, as a histogram tells them."""
        # The format of Prometheus knows floating-point numbers only; these are counts of requests.
        bounds = (*map(str, BOUNDS_SECONDS), "+Inf")
        return [(bound, float(count)) for bound, count in zip(bounds, accumulate(self._counts), strict=True)]

    @property
    def seconds(self) -> float:
        return self._seconds


class RequestMetrics(Collector):
    """Counts requests by API, method, route template and status.

    Plain numbers in the one thread of the event loop: the client library's own counters lock, and cost four times as
    much. Register it once with the registry that `/metrics` shows.
    """

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str, str, int], Tally] = {}
        self._crashes: dict[str, int] = {}

    def answered(self, api: str, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered after so many seconds."""
        kind = (api, method, route, status)
        tally = self._tallies.get(kind)
        if tally is None:
            tally = self._tallies[kind] = Tally()
        tally.add(seconds)

    def crashed(self, api: str) -> None:
        """A request met a mistake of ours."""
        self._crashes[api] = self._crashes.get(api, 0) + 1

    def describe(self) -> Iterable[Metric]:
        """Nothing in advance: what is counted becomes known while serving."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """What Prometheus asks for."""
        durations = HistogramMetricFamily(
            "tillway_http_request_seconds", "Requests answered", labels=("api", "method", "route", "status")
        )
        for (api, method, route, status), tally in list(self._tallies.items()):
            durations.add_metric([api, method, route, str(status)], tally.buckets(), tally.seconds)
        yield durations
        crashes = CounterMetricFamily("tillway_http_crashes", "Requests that met a mistake of ours", labels=("api",))
        for api, count in self._crashes.items():
            crashes.add_metric([api], count)
        yield crashes
