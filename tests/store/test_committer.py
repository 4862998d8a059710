"""Group commit: what a batch holds, what commands see of each other, and when they are answered."""

import asyncio

import pytest

from tests.store.watched import WatchedStore, count, counted, needs
from tillway.domain.book import Book, Needs
from tillway.domain.decision import Decision
from tillway.domain.guesses import Guesses
from tillway.domain.refusals import CardUnknown, Overloaded
from tillway.store.committer import MOST_IN_A_BATCH, MOST_WAITING, Committer
from tillway.store.protocol import Store, Unavailable

pytestmark = pytest.mark.anyio


async def _run_behind_a_shut_gate(
    committer: Committer, store: WatchedStore, scopes: list[str]
) -> list["asyncio.Task[int]"]:
    """The first command is being written alone, and the others wait behind it."""
    store.gate.clear()
    first = asyncio.create_task(committer.run(needs("first"), count("first")))
    await store.reached.wait()
    others = [asyncio.create_task(committer.run(needs(scope), count(scope))) for scope in scopes]
    await asyncio.sleep(0)
    return [first, *others]


async def test_a_lone_command_is_written_at_once(store: Store) -> None:
    watched = WatchedStore(store)
    assert await Committer(watched).run(needs("a"), count("a")) == 1
    assert watched.written == 1
    assert await counted(store, "a") == {"a": 1}


async def test_a_command_that_needs_and_changes_nothing_is_answered(store: Store) -> None:
    committer = Committer(store)
    assert await committer.run(Needs(), lambda book: Decision("decided")) == "decided"

    def refuse(book: Book) -> Decision[str]:
        raise CardUnknown

    with pytest.raises(CardUnknown):
        await committer.run(Needs(), refuse)


async def test_a_batch_holds_what_came_while_the_last_was_written(store: Store) -> None:
    watched = WatchedStore(store)
    tasks = await _run_behind_a_shut_gate(Committer(watched), watched, [f"scope {number}" for number in range(50)])
    watched.gate.set()
    await asyncio.gather(*tasks)
    assert watched.written == 2


async def test_a_batch_is_bounded(store: Store) -> None:
    watched = WatchedStore(store)
    scopes = [f"scope {number}" for number in range(2 * MOST_IN_A_BATCH + 1)]
    tasks = await _run_behind_a_shut_gate(Committer(watched), watched, scopes)
    watched.gate.set()
    await asyncio.gather(*tasks)
    assert watched.written == 1 + 3


async def test_commands_of_a_batch_see_what_earlier_ones_decided(store: Store) -> None:
    watched = WatchedStore(store)
    tasks = await _run_behind_a_shut_gate(Committer(watched), watched, ["shared"] * 30)
    watched.gate.set()
    assert await asyncio.gather(*tasks) == [1, *range(1, 31)]
    assert await counted(store, "shared") == {"shared": 30}


async def test_nobody_is_answered_before_the_commit(store: Store) -> None:
    watched = WatchedStore(store)
    tasks = await _run_behind_a_shut_gate(Committer(watched), watched, ["a", "b"])
    assert not any(task.done() for task in tasks)
    watched.breaks_commits = True
    watched.gate.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [Unavailable] * 3
    assert await counted(store, "first", "a", "b") == {}


async def test_a_committer_goes_on_after_a_lost_commit(store: Store) -> None:
    watched = WatchedStore(store)
    committer = Committer(watched)
    watched.breaks_commits = True
    with pytest.raises(Unavailable):
        await committer.run(needs("a"), count("a"))
    watched.breaks_commits = False
    assert await committer.run(needs("a"), count("a")) == 1


async def test_a_refusal_answers_that_command_alone_and_leaves_nothing(store: Store) -> None:
    watched = WatchedStore(store)
    committer = Committer(watched)
    tasks = await _run_behind_a_shut_gate(committer, watched, ["a"])

    def refuse(book: Book) -> Decision[int]:
        assert book.find(Guesses, "a") is not None
        raise CardUnknown

    refused = asyncio.create_task(committer.run(needs("a", "refused"), refuse))
    after = asyncio.create_task(committer.run(needs("a"), count("a")))
    await asyncio.sleep(0)
    watched.gate.set()
    with pytest.raises(CardUnknown):
        await refused
    assert await asyncio.gather(*tasks, after) == [1, 1, 2]
    assert watched.written == 2
    assert await counted(store, "a", "refused") == {"a": 2}


async def test_a_refusal_that_leaves_a_trace_is_raised_once_the_trace_is_durable(store: Store) -> None:
    def refuse(_: Book) -> Decision[int | CardUnknown]:
        return Decision(CardUnknown(), (Guesses("trace", 1, 1),))

    with pytest.raises(CardUnknown):
        await Committer(store).run(needs("trace"), refuse)
    assert await counted(store, "trace") == {"trace": 1}


async def test_a_full_queue_says_so(store: Store) -> None:
    watched = WatchedStore(store)
    committer = Committer(watched)
    tasks = await _run_behind_a_shut_gate(committer, watched, [f"scope {number}" for number in range(MOST_WAITING)])
    with pytest.raises(Overloaded):
        await committer.run(needs("one too many"), count("one too many"))
    watched.gate.set()
    await asyncio.gather(*tasks)
    assert await committer.run(needs("one too many"), count("one too many")) == 1


async def test_a_caller_that_goes_away_changes_nothing(store: Store) -> None:
    watched = WatchedStore(store)
    committer = Committer(watched)
    first, waiting, last = await _run_behind_a_shut_gate(committer, watched, ["waiting", "last"])
    first.cancel()
    waiting.cancel()
    await asyncio.sleep(0)
    watched.gate.set()
    assert await last == 1
    assert first.cancelled()
    assert waiting.cancelled()
    assert await counted(store, "first", "waiting", "last") == {"first": 1, "waiting": 1, "last": 1}


async def test_closing_writes_and_answers_everything_that_came_before(store: Store) -> None:
    watched = WatchedStore(store)
    committer = Committer(watched)
    scopes = [f"scope {number}" for number in range(MOST_IN_A_BATCH + 1)]
    tasks = await _run_behind_a_shut_gate(committer, watched, scopes)
    closing = asyncio.create_task(committer.close())
    await asyncio.sleep(0)
    watched.gate.set()
    async with asyncio.timeout(10):
        await closing
        assert await asyncio.gather(*tasks) == [1] * len(tasks)
    assert len(await counted(store, *scopes)) == len(scopes)


async def test_a_closed_committer_takes_no_more(store: Store) -> None:
    committer = Committer(store)
    await committer.run(needs("a"), count("a"))
    await committer.close()
    async with asyncio.timeout(10):
        with pytest.raises(Overloaded):
            await committer.run(needs("a"), count("a"))


async def test_closing_a_committer_that_never_ran_is_harmless(store: Store) -> None:
    committer = Committer(store)
    await committer.close()
    await committer.close()
