"""What drives a benchmark: a load notices every answer that is not right, and what was answered is in the database."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from pathlib import Path
from typing import cast

import pytest

from bench import gateway
from bench.contenders import Served, Tally
from bench.load import requests, steady, wrk
from bench.load.requests import Caller
from bench.load.wrk import WrongAnswers
from bench.proof import prove_answers, prove_books
from bench.report import Report
from bench.seeding import seed
from bench.stage import new_folder

pytestmark = pytest.mark.anyio

RIGHT = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
WRONG = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 2\r\n\r\n{}"
ALIKE = [requests.create(Caller("till", "secret"))] * 100


class Answering(asyncio.Protocol):
    """Gives answers in turn to requests that all are alike, whatever they ask."""

    def __init__(self, answers: Iterator[bytes]) -> None:
        self._answers = answers
        self._waiting = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._waiting += len(data)
        while self._waiting >= len(ALIKE[0]):
            self._waiting -= len(ALIKE[0])
            self._transport.write(next(self._answers))


@asynccontextmanager
async def server(*answers: bytes) -> AsyncGenerator[str]:
    """A server that gives these answers again and again, over all connections."""
    every = cycle(answers)
    listening = await asyncio.get_running_loop().create_server(lambda: Answering(every), "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


async def test_a_steady_load_sends_every_request_once() -> None:
    async with server(RIGHT) as url:
        answers = await steady.drive(url, ALIKE, 1000)
    assert answers.answered == len(ALIKE)
    assert 0 < answers.p50_ms <= answers.p99_ms


async def test_a_steady_load_notices_one_wrong_answer() -> None:
    async with server(*[RIGHT] * 99, WRONG) as url:
        with pytest.raises(WrongAnswers, match="1 of 100"):
            await steady.drive(url, ALIKE, 1000)


def test_whoever_has_no_wrk_is_told_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="apt-get install wrk"):
        wrk.check_wrk(str(tmp_path))


if shutil.which("wrk"):

    async def test_wrk_sends_one_request_again_and_again(tmp_path: Path) -> None:
        file = requests.write(tmp_path / "requests", ALIKE[:1], again=True)
        async with server(RIGHT) as url:
            answers = await wrk.drive(url, file, 1)
        assert answers.answered > len(ALIKE)
        assert not answers.used_up

    async def test_wrk_sends_each_of_many_requests_once_and_tells_that_they_are_used_up(tmp_path: Path) -> None:
        file = requests.write(tmp_path / "requests", ALIKE)
        async with server(RIGHT) as url:
            answers = await wrk.drive(url, file, 1)
        assert answers.used_up
        assert answers.answered <= len(ALIKE)

    async def test_wrk_notices_wrong_answers(tmp_path: Path) -> None:
        file = requests.write(tmp_path / "requests", ALIKE[:1], again=True)
        async with server(*[RIGHT] * 99, WRONG) as url:
            with pytest.raises(WrongAnswers):
                await wrk.drive(url, file, 1)


def test_requests_of_one_file_are_of_one_size(tmp_path: Path) -> None:
    short, long = requests.create(Caller("till", "secret")), requests.create(Caller("till 2", "secret"))
    with pytest.raises(ValueError, match="too many values"):
        requests.write(tmp_path / "requests", [short, long])


async def test_a_served_gateway_keeps_what_it_answers(sqlite_database: str, tmp_path: Path) -> None:
    shop = await seed(sqlite_database, new_folder(tmp_path, "data"), 3)
    report = Report()
    async with gateway.serve(shop.settings) as served:
        under_load = Served(shop, served, Tally(), float)
        await under_load.create_at(100, 1)
        await under_load.perform_at(100, 1)
        assert served.memory_bytes > 0
        assert served.cpu_seconds > 0
    await prove_answers("SQLite", under_load, report)
    await prove_books("SQLite", shop, report)
    assert report.is_right, report.text()
    assert under_load.tally.created == under_load.tally.performed == 100
