"""Idempotency keys: the same call happens once, whoever repeats it, however often, wherever and however at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from tests.gateway import START
from tests.store.watched import WatchedStore, count, counted, needs
from tillway.domain.book import Book
from tillway.domain.decision import Decision
from tillway.domain.guesses import Guesses
from tillway.domain.ids import ClientId
from tillway.domain.refusals import CardUnknown, KeyReused
from tillway.domain.replays import Replay
from tillway.store.committer import Committer, Recall
from tillway.store.finding import find_replay
from tillway.store.opening import open_store
from tillway.store.protocol import Store, Unavailable

pytestmark = pytest.mark.anyio

TILL = ClientId("till")


def _render(answer: int) -> tuple[int, str]:
    return 200, f"it stands at {answer}"


def _render_nothing(_: object) -> None:
    return None


RECALL: Recall[Any] = Recall(TILL, "key", "what was asked", START, _render)
KEPT = Replay(TILL, "key", "what was asked", 200, "it stands at 1", START)


@pytest.fixture
async def other(anyio_backend: str, database: str) -> AsyncIterator[Committer]:
    """Another process on the same database: a server on PostgreSQL, the command line beside it on SQLite."""
    store = open_store(database)
    committer = Committer(store)
    yield committer
    await committer.close()
    await store.close()


async def test_the_first_call_is_done_and_its_answer_kept(store: Store) -> None:
    assert await Committer(store).run_once(needs("a"), count("a"), RECALL) == 1
    assert await store.read(find_replay(TILL, "key")) == KEPT


async def test_the_same_call_again_answers_the_first_answer_and_does_nothing(store: Store) -> None:
    committer = Committer(store)
    await committer.run_once(needs("a"), count("a"), RECALL)
    assert await committer.run_once(needs("a"), count("a"), RECALL) == KEPT
    assert await counted(store, "a") == {"a": 1}


async def test_a_key_with_another_request_is_refused_and_does_nothing(store: Store) -> None:
    committer = Committer(store)
    await committer.run_once(needs("a"), count("a"), RECALL)
    with pytest.raises(KeyReused):
        await committer.run_once(needs("a"), count("a"), replace(RECALL, fingerprint="something else"))
    assert await counted(store, "a") == {"a": 1}


async def test_keys_of_two_clients_have_nothing_to_do_with_each_other(store: Store) -> None:
    committer = Committer(store)
    await committer.run_once(needs("a"), count("a"), RECALL)
    assert await committer.run_once(needs("a"), count("a"), replace(RECALL, client_id=ClientId("shop"))) == 2


async def test_two_at_once_in_one_batch_do_the_work_once(store: Store) -> None:
    watched = WatchedStore(store)
    committer = Committer(watched)
    answers = await asyncio.gather(*(committer.run_once(needs("a"), count("a"), RECALL) for _ in range(50)))
    assert watched.written == 1
    assert answers == [1] + [KEPT] * 49
    assert await counted(store, "a") == {"a": 1}


async def test_one_that_comes_while_the_first_is_written_waits_for_its_answer(store: Store) -> None:
    watched = WatchedStore(store)
    committer = Committer(watched)
    watched.gate.clear()
    first = asyncio.create_task(committer.run_once(needs("a"), count("a"), RECALL))
    await watched.reached.wait()
    second = asyncio.create_task(committer.run_once(needs("a"), count("a"), RECALL))
    await asyncio.sleep(0)
    watched.gate.set()
    assert await asyncio.gather(first, second) == [1, KEPT]


async def test_another_request_with_the_key_of_its_neighbour_is_refused(store: Store) -> None:
    committer = Committer(store)
    first = committer.run_once(needs("a"), count("a"), RECALL)
    second = committer.run_once(needs("a"), count("a"), replace(RECALL, fingerprint="something else"))
    answer, refused = await asyncio.gather(first, second, return_exceptions=True)
    assert answer == 1
    assert isinstance(refused, KeyReused)


async def test_two_processes_with_one_key_do_the_work_once(store: Store, other: Committer) -> None:
    committer = Committer(store)
    for number in range(20):
        recall = replace(RECALL, key=f"key {number}")
        kept = replace(KEPT, key=recall.key)
        scope = f"scope {number}"
        calls = (one.run_once(needs(scope), count(scope), recall) for one in (committer, other))
        answers = await asyncio.gather(*calls)
        assert sorted(answers, key=str) == sorted([1, kept], key=str)
        assert await counted(store, scope) == {scope: 1}


async def test_two_processes_with_one_key_and_other_requests_refuse_one(store: Store, other: Committer) -> None:
    recalls = (RECALL, replace(RECALL, fingerprint="something else"))
    calls = (
        one.run_once(needs("a"), count("a"), recall)
        for one, recall in zip((Committer(store), other), recalls, strict=True)
    )
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in answers) == ["KeyReused", "int"]
    assert await counted(store, "a") == {"a": 1}


async def test_what_another_process_did_under_the_key_is_answered(store: Store, other: Committer) -> None:
    await other.run_once(needs("a"), count("a"), RECALL)
    assert await Committer(store).run_once(needs("a"), count("a"), RECALL) == KEPT


async def test_a_refused_call_does_not_use_up_its_key(store: Store) -> None:
    def refuse(_: Book) -> Decision[int]:
        raise CardUnknown

    def refuse_with_a_trace(_: Book) -> Decision[int | CardUnknown]:
        return Decision(CardUnknown(), (Guesses("trace", START, 1),))

    committer = Committer(store)
    with pytest.raises(CardUnknown):
        await committer.run_once(needs("a"), refuse, RECALL)
    with pytest.raises(CardUnknown):
        await committer.run_once(needs("trace"), refuse_with_a_trace, RECALL)
    assert await committer.run_once(needs("a"), count("a"), RECALL) == 1


async def test_an_answer_that_is_not_final_does_not_use_up_its_key(store: Store) -> None:
    committer = Committer(store)
    waiting = replace(RECALL, render=_render_nothing)
    assert await committer.run_once(needs("a"), count("a"), waiting) == 1
    assert await committer.run_once(needs("a"), count("a"), RECALL) == 2
    assert await committer.run_once(needs("a"), count("a"), RECALL) == replace(KEPT, body="it stands at 2")


async def test_a_lost_commit_does_not_use_up_its_key(store: Store) -> None:
    watched = WatchedStore(store)
    committer = Committer(watched)
    watched.breaks_commits = True
    with pytest.raises(Unavailable):
        await committer.run_once(needs("a"), count("a"), RECALL)
    watched.breaks_commits = False
    assert await committer.run_once(needs("a"), count("a"), RECALL) == 1


@pytest.mark.parametrize(
    "key", ["ø" * 255, "'\";--", "\\u0000", "𝄞", " "], ids=["long", "quotes", "escape", "wide", "blank"]
)
async def test_any_key_that_a_header_can_carry_is_found_again(store: Store, key: str) -> None:
    committer = Committer(store)
    recall = replace(RECALL, key=key)
    await committer.run_once(needs("a"), count("a"), recall)
    assert await committer.run_once(needs("a"), count("a"), recall) == replace(KEPT, key=key)
