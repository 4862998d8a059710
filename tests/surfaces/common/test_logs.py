"""Log lines are JSON and never show a card number; counts are told in the form that Prometheus reads."""

import asyncio
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
import structlog
from prometheus_client import CollectorRegistry, generate_latest

from tillway.surfaces.common.logs import FLUSH_SECONDS, AccessLine, AccessLog, configure
from tillway.surfaces.common.metrics import RequestMetrics

CARD = "9578000000000012345"


@pytest.fixture
def written() -> Iterator[BytesIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = BytesIO()
    configure(stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: BytesIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_its_level_and_moment(written: BytesIO) -> None:
    structlog.get_logger().info("batch committed", size=7, ids=["a"], nested={"b": 1})
    (line,) = lines(written)
    assert datetime.fromisoformat(str(line.pop("at"))).tzinfo is not None
    assert line == {"event": "batch committed", "size": 7, "ids": ["a"], "nested": {"b": 1}, "level": "info"}


@pytest.mark.parametrize("digits", [CARD, "4242424242424242", "9578 0000 0000 0012 345", "1234567890123"])
def test_a_card_number_is_masked_wherever_it_stands(written: BytesIO, digits: str) -> None:
    log = structlog.get_logger()
    event = f"card {digits} refused"
    log.warning(event, card=digits, of={"deep": [{digits: (digits,)}]}, error=ValueError(digits))
    try:
        int(f"{digits}x")
    except ValueError:
        log.exception("crashed")
    log.info("number", number=int(digits.replace(" ", "")))
    logging.getLogger("a.library").error("card %s", digits, extra={"card": digits})
    text = written.getvalue().decode()
    assert digits not in text
    assert digits.replace(" ", "") not in text
    assert len(lines(written)) == 4


def test_what_is_no_card_number_is_left_alone(written: BytesIO) -> None:
    structlog.get_logger().info(
        "ok", id="0192f3a0-5c3d-7e4f-8a6b-7c8d9e0f1a2b", short="123456789012", n=999_999_999_999
    )
    (line,) = lines(written)
    assert line["id"] == "0192f3a0-5c3d-7e4f-8a6b-7c8d9e0f1a2b"
    assert (line["short"], line["n"]) == ("123456789012", 999_999_999_999)


def test_libraries_write_the_same_kind_of_line(written: BytesIO) -> None:
    logging.getLogger("a.library").warning("slow %s", "answer")
    (line,) = lines(written)
    assert (line["event"], line["level"]) == ("slow answer", "warning")


@pytest.mark.anyio
async def test_access_lines_are_written_together_soon_after() -> None:
    stream = BytesIO()
    log = AccessLog(stream)
    line = AccessLine(datetime.now(UTC), "r", "orchard", "GET", "/a", 200, 1.5, 'a"b')
    log.write(line)
    log.write(line)
    assert stream.getvalue() == b""
    async with asyncio.timeout(FLUSH_SECONDS + 2):
        while not stream.getvalue():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert [(each["client"], each["milliseconds"]) for each in lines(stream)] == [('a"b', 1.5)] * 2


def test_counts_are_told_in_the_form_that_prometheus_reads() -> None:
    metrics, registry = RequestMetrics(), CollectorRegistry()
    registry.register(metrics)
    for seconds in (0.0005, 0.001, 0.02, 20.0):
        metrics.answered("orchard", "GET", "/a", 200, seconds)
    metrics.crashed("orchard")
    labels = {"api": "orchard", "method": "GET", "route": "/a", "status": "200"}
    buckets = {
        bound: registry.get_sample_value("tillway_http_request_seconds_bucket", labels | {"le": bound})
        for bound in ("0.001", "0.01", "0.025", "15.0", "+Inf")
    }
    assert buckets == {"0.001": 2, "0.01": 2, "0.025": 3, "15.0": 3, "+Inf": 4}
    assert registry.get_sample_value("tillway_http_request_seconds_sum", labels) == pytest.approx(20.0215)
    assert b'tillway_http_crashes_total{api="orchard"} 1.0' in generate_latest(registry)
