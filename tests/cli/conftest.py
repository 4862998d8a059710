"""Fixtures of the command line's tests: the program beside a fresh database of each kind."""

import base64
from pathlib import Path

import pytest

from tests.cli.program import ISSUER_NAME, Program
from tests.server import KEY, Server, beside
from tillway.commands import records
from tillway.domain.clients import Surface

ENCODED_KEY = base64.b64encode(KEY).decode()


@pytest.fixture
def program(tmp_path: Path, database: str) -> Program:
    """`tillway` beside a fresh database of each kind, with the newest schema."""
    return Program(tmp_path, database, {"TILLWAY_KEY": ENCODED_KEY})


@pytest.fixture
def sqlite_program(tmp_path: Path, sqlite_database: str) -> Program:
    """`tillway` beside a fresh SQLite file, for what does not depend on the database."""
    return Program(tmp_path, sqlite_database, {"TILLWAY_KEY": ENCODED_KEY})


@pytest.fixture
async def stocked(anyio_backend: str, program: Program) -> Program:
    """The same with the issuer `books` of live cards and the client `till` of a merchant."""
    return await _stock(program)


@pytest.fixture
async def stocked_sqlite(anyio_backend: str, sqlite_program: Program) -> Program:
    """`stocked` on SQLite alone, for what does not depend on the database."""
    return await _stock(sqlite_program)


async def _stock(program: Program) -> Program:
    async with beside(Server(program.data, program.database)) as tools:
        merchant = await records.add_merchant(tools, "Corner shop", "Europe/Oslo")
        await records.add_issuer(tools, "books", ISSUER_NAME, "606123", "NOK", live=True)
        await records.add_client(
            tools, merchant, "till", "Till 1", Surface.GIFT_CARD, "NOK", ("books",), ("shop.example",)
        )
    return program
