"""The check for a padding oracle runs, and its rank test tells samples apart that differ and no others."""

from pathlib import Path
from random import Random

import pytest

from bench import oracle, ranks
from bench.load.web_requests import WebCaller
from bench.report import Report
from bench.seeding import seed
from bench.stage import new_folder
from tillway.commands.login_keys import is_proof, make_login_key

pytestmark = pytest.mark.anyio

ROUNDS = 3


async def test_bad_logins_of_every_kind_are_answered_alike_and_ranked(sqlite_database: str, tmp_path: Path) -> None:
    shop = await seed(sqlite_database, new_folder(tmp_path, "data"), 0, live=False)
    report = Report()
    await oracle.listen(shop, ROUNDS, report)
    kinds = list(oracle.kinds_of(shop.web_caller))
    assert [row.name for row in report.rows] == kinds
    assert len(report.aims) == len(kinds)
    assert all(0 <= aim.value <= 1 for aim in report.aims[:-1])


def test_no_kind_of_bad_signature_is_a_proof() -> None:
    key = make_login_key()
    caller = WebCaller("key", "", key.public)
    for kind, make in oracle.kinds_of(caller).items():
        timestamp, signature = make()
        is_right = kind == "right, but an hour old"
        assert is_proof([key.private], signature, f"{caller.api_key}_{timestamp}") == is_right


def test_samples_that_overlap_are_ranked_as_the_books_say() -> None:
    found = ranks.compare(range(1, 21), range(11, 31))
    assert found.above == 0.125
    assert found.p == pytest.approx(4.92e-5, rel=0.01)


def test_equal_samples_are_not_told_apart() -> None:
    assert ranks.compare([1.0] * 20, [1.0] * 20) == ranks.Ranked(0.5, 1.0)
    assert ranks.compare(range(50), range(50)) == ranks.Ranked(0.5, 1.0)


def test_a_small_shift_is_found_in_many_samples() -> None:
    random = Random(7)
    usual = [random.gauss(1000, 100) for _ in range(3000)]
    later = [random.gauss(1015, 100) for _ in range(3000)]
    same = [random.gauss(1000, 100) for _ in range(3000)]
    assert ranks.compare(later, usual).p < 0.001
    assert ranks.compare(same, usual).p > 0.01
