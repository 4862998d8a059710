"""Faults in a batch: the command to blame is found and answered alone, and its neighbours are committed."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.gateway import START
from tests.store.watched import WatchedStore, count, counted, needs
from tillway.domain.book import Book, Needs
from tillway.domain.decision import Decide, Decision
from tillway.domain.giftcards import CardState, GiftCard
from tillway.domain.guesses import Guesses
from tillway.domain.ids import CardId, ClientId, IssuerId
from tillway.store.committer import Committer, Recall
from tillway.store.opening import open_store
from tillway.store.protocol import Conflict, Store

pytestmark = pytest.mark.anyio

NEIGHBOURS = 20
CARD = GiftCard(
    CardId("c" * 32), IssuerId("issuer"), "00000", "", "", "", "NOK", 100, 0, CardState.ACTIVE, START, START + 1
)


async def _amid_neighbours(store: Store, poison: Decide[Any], required: Needs | None = None) -> Exception:
    """Run one bad command in the middle of a batch of good ones, which all pass; answers what it raised."""
    watched = WatchedStore(store)
    committer = Committer(watched)
    watched.gate.clear()
    first = asyncio.create_task(committer.run(needs("first"), count("first")))
    await watched.reached.wait()
    scopes = [f"neighbour {number}" for number in range(NEIGHBOURS)]
    before = [asyncio.create_task(committer.run(needs(scope), count(scope))) for scope in scopes[: NEIGHBOURS // 2]]
    bad = asyncio.create_task(committer.run(required or Needs(), poison))
    after = [asyncio.create_task(committer.run(needs(scope), count(scope))) for scope in scopes[NEIGHBOURS // 2 :]]
    await asyncio.sleep(0)
    watched.gate.set()
    assert await asyncio.gather(first, *before, *after) == [1] * (NEIGHBOURS + 1)
    assert await counted(store, *scopes) == dict.fromkeys(scopes, 1)
    with pytest.raises(Exception) as raised:  # noqa: PT011 - the tests say which
        await bad
    return raised.value


def _answer(*added: Any, changed: tuple[Any, ...] = ()) -> Decide[int]:
    return lambda _: Decision(0, added, changed)


@pytest.mark.parametrize("mistake", [KeyError("x"), RuntimeError("x"), StopIteration(), AssertionError()], ids=repr)
async def test_a_decision_that_raises_answers_its_caller_alone(store: Store, mistake: Exception) -> None:
    def decide(_: Book) -> Decision[int]:
        raise mistake

    raised = await _amid_neighbours(store, decide)
    assert raised is mistake or raised.__cause__ is mistake


async def test_a_decision_that_changes_what_it_did_not_need_answers_its_caller_alone(store: Store) -> None:
    traced = Guesses("trace", START, 1)
    raised = await _amid_neighbours(store, _answer(traced, changed=(CARD,)))
    assert isinstance(raised, RuntimeError)
    assert await counted(store, "trace") == {}


async def test_a_decision_that_adds_a_key_twice_answers_its_caller_alone(store: Store) -> None:
    traced = Guesses("trace", START, 1)
    raised = await _amid_neighbours(store, _answer(traced, CARD, CARD))
    assert isinstance(raised, RuntimeError)
    assert await counted(store, "trace") == {}


async def test_an_answer_that_cannot_be_rendered_answers_its_caller_alone(store: Store) -> None:
    def render(answer: int) -> tuple[int, str]:
        raise ValueError(answer)

    committer = Committer(store)
    recall = Recall(ClientId("till"), "key", "print", START, render)
    bad = committer.run_once(needs("bad"), count("bad"), recall)
    good = committer.run(needs("good"), count("good"))
    raised, answer = await asyncio.gather(bad, good, return_exceptions=True)
    assert isinstance(raised, ValueError)
    assert answer == 1
    assert await counted(store, "bad", "good") == {"good": 1}


@pytest.mark.parametrize(
    "row",
    [
        replace(CARD, balance=-1),
        replace(CARD, held=-1),
        replace(CARD, balance=2**63),
        replace(CARD, balance=-(2**63) - 1),
        replace(CARD, sealed="\ud800"),
    ],
    ids=["balance below zero", "held below zero", "too large", "too small", "half a character"],
)
async def test_a_row_that_the_database_refuses_fails_its_command_alone(store: Store, row: GiftCard) -> None:
    await _amid_neighbours(store, _answer(row))
    assert (
        await Committer(store).run(Needs(cards=(row.id,)), lambda book: Decision(book.find(GiftCard, row.id))) is None
    )


async def test_a_null_character_fails_its_command_at_most(store: Store) -> None:
    committer = Committer(store)
    bad = committer.run(Needs(), _answer(replace(CARD, sealed="\0")))
    good = [committer.run(needs(f"{number}"), count(f"{number}")) for number in range(5)]
    answers = await asyncio.gather(bad, *good, return_exceptions=True)
    assert answers[1:] == [1] * 5


@pytest.mark.parametrize("place", range(3))
async def test_a_key_taken_by_another_process_fails_its_command_alone(store: Store, database: str, place: int) -> None:
    other = open_store(database)
    taken = Guesses("taken", START, 7)
    await Committer(other).run(needs("taken"), _answer(taken))
    committer = Committer(store)
    scopes = ["a", "b", "c"]
    asked: list[Any] = [committer.run(needs(scope), count(scope)) for scope in scopes]
    asked.insert(place, committer.run(Needs(), _answer(taken)))
    answers: list[Any] = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(answers.pop(place), Conflict)
    assert answers == [1, 1, 1]
    assert await counted(store, "taken", *scopes) == {"taken": 7, "a": 1, "b": 1, "c": 1}
    await other.close()


async def test_many_bad_commands_in_one_batch_are_all_found(store: Store) -> None:
    committer = Committer(store)
    bad: Callable[[], Any] = lambda: committer.run(Needs(), _answer(replace(CARD, balance=-1)))  # noqa: E731
    good = [committer.run(needs(f"{number}"), count(f"{number}")) for number in range(40)]
    mixed = [one for pair in zip(good, (bad() for _ in good), strict=True) for one in pair]
    answers: list[Any] = await asyncio.gather(*mixed, return_exceptions=True)
    assert answers[::2] == [1] * 40
    assert all(isinstance(answer, Conflict | RuntimeError) for answer in answers[1::2])
