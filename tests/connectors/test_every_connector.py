"""What every connector must do, whoever is behind it: one suite, run on each of them."""

import json
import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.fars import FARS, NEVER_SEEN_CARD, Far, about
from tests.connectors.issuer import Fault
from tillway.connectors.protocol import CallbackRefused, Operation
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending
from tillway.domain.reasons import WORDS, Reason

pytestmark = pytest.mark.anyio

TEN_MEGABYTES = 10 * 1024 * 1024
HOUR = 3600.0


@pytest.fixture(params=list(FARS))
async def far(request: pytest.FixtureRequest, anyio_backend: str, sqlite_database: str) -> AsyncIterator[Far]:
    """Each connector in turn, with someone real to talk to."""
    async with FARS[request.param](sqlite_database) as made:
        yield made


async def done(far: Far, operation: Operation, *, fails: bool = False) -> Outcome:
    """Begin an operation, let its payer do what it takes, and say what came of it."""
    outcome = await far.connector.begin(operation)
    if isinstance(outcome, Pending):
        assert outcome.step_url, "a payer who is waited for must be told where to go"
        await far.pay(operation, fails=fails)
        outcome = await far.connector.look_up(operation)
    return outcome


async def test_what_is_begun_again_and_again_happens_once(far: Far) -> None:
    operation = far.operation()
    first = await far.connector.begin(operation)
    assert [await far.connector.begin(operation) for _ in range(3)] == [first] * 3
    paid = await done(far, operation)
    assert isinstance(paid, Paid)
    assert await far.connector.begin(operation) == paid
    if far.remembers:
        assert await far.taken(operation.id) == operation.amount


async def test_a_look_up_agrees_with_what_was_answered_however_often(far: Far) -> None:
    for identity, fails in (("p-1", False), ("p-2", True)):
        operation = far.operation(identity, fails=fails)
        outcome = await done(far, operation, fails=fails)
        assert isinstance(outcome, Declined if fails else Paid)
        assert [await far.connector.look_up(operation) for _ in range(3)] == [outcome] * 3


async def test_a_plain_no_says_why_in_a_word_of_ours(far: Far) -> None:
    outcome = await done(far, far.operation(fails=True), fails=True)
    assert isinstance(outcome, Declined)
    assert outcome.reason in WORDS or outcome.reason.startswith("issuer_")


async def test_a_reversal_may_be_repeated(far: Far) -> None:
    operation = far.operation()
    await far.connector.begin(operation)
    assert [await far.connector.reverse(operation) for _ in range(3)] == [Paid()] * 3
    if far.remembers:
        assert await far.taken(operation.id) == 0


async def test_what_is_reversed_before_it_arrives_never_happens(far: Far) -> None:
    operation = far.operation()
    assert await far.connector.reverse(operation) == Paid()
    if far.remembers:
        assert isinstance(await far.connector.begin(operation), Declined)
        assert await far.taken(operation.id) == 0


async def test_what_was_reversed_is_looked_up_as_declined(far: Far) -> None:
    operation = far.operation()
    await far.connector.begin(operation)
    await far.connector.reverse(operation)
    if far.remembers:
        assert isinstance(await far.connector.look_up(operation), Declined)


async def test_what_was_declined_is_as_good_as_reversed(far: Far) -> None:
    operation = far.operation(fails=True)
    await done(far, operation, fails=True)
    assert await far.connector.reverse(operation) == Paid()


async def test_a_reversal_that_comes_too_late_says_so_and_only_gift_cards_get_everything_back(far: Far) -> None:
    operation = far.operation()
    assert isinstance(await done(far, operation), Paid)
    undone = await far.connector.reverse(operation)
    assert isinstance(undone, Paid if operation.instrument else Declined)
    if far.remembers:
        assert await far.taken(operation.id) == (0 if isinstance(undone, Paid) else operation.amount)


async def test_an_operation_that_never_arrived_cannot_happen_once_it_was_looked_up(far: Far) -> None:
    if not far.remembers:
        unseen = Operation("p-1", NEVER_SEEN_CARD, 100_00, "NOK")
        assert isinstance(await far.connector.look_up(unseen), Declined)
        return
    operation = far.operation()
    assert isinstance(await far.connector.look_up(operation), Declined)
    assert isinstance(await far.connector.begin(operation), Declined)
    assert await far.taken(operation.id) == 0


async def test_a_refund_may_be_repeated_and_more_than_one_may_follow(far: Far) -> None:
    operation = far.operation()
    await done(far, operation)
    if not far.gives_back:
        refused = await far.connector.refund(about(operation, "p-1-r1", 40_00), operation.id)
        assert refused == Declined(Reason.REFUND_REFUSED)
        return
    first, second = about(operation, "p-1-r1", 40_00), about(operation, "p-1-r2", 60_00)
    outcomes = [await far.connector.refund(each, operation.id) for each in (first, first, second, second)]
    assert all(isinstance(outcome, Paid) for outcome in outcomes)
    if far.remembers:
        assert await far.taken(operation.id) == 0


async def test_no_more_is_given_back_than_was_taken(far: Far) -> None:
    if not (far.remembers and far.gives_back):
        return
    operation = far.operation()
    await done(far, operation)
    assert isinstance(await far.connector.refund(about(operation, "p-1-r1", 70_00), operation.id), Paid)
    assert isinstance(await far.connector.refund(about(operation, "p-1-r2", 70_00), operation.id), Declined)
    assert await far.taken(operation.id) == 30_00


@pytest.mark.parametrize("fault", list(Fault))
async def test_whatever_goes_wrong_is_pending_and_a_look_up_tells(far: Far, fault: Fault) -> None:
    if not far.is_over_http:
        return
    operation = far.operation()
    far.strike(fault)
    assert await far.connector.begin(operation) == Pending()
    far.strike(None)
    assert isinstance(await done(far, operation), Paid)
    assert await far.taken(operation.id) == operation.amount


@pytest.mark.parametrize("fault", list(Fault))
async def test_no_fault_makes_a_look_up_a_reversal_or_a_refund_lie(far: Far, fault: Fault) -> None:
    if not far.is_over_http:
        return
    operation = far.operation()
    await done(far, operation)
    given_back = about(operation, "p-1-r1", 30_00)
    far.strike(fault)
    assert await far.connector.look_up(operation) == Pending()
    refund = await far.connector.refund(given_back, operation.id)
    assert refund == (Pending() if far.gives_back else Declined(Reason.REFUND_REFUSED))
    assert await far.connector.reverse(operation) == Pending()
    far.strike(None)
    left = await far.taken(operation.id)
    await far.connector.refund(given_back, operation.id)
    final = await far.taken(operation.id)
    assert final in (0, operation.amount - (given_back.amount if far.gives_back else 0))
    assert left in (final, operation.amount), "a refund may need more than one exchange, and is given once"


async def test_an_operation_does_not_show_its_card(far: Far) -> None:
    operation = far.operation()
    assert not operation.instrument or operation.instrument not in repr(operation)


async def test_a_callback_is_about_the_operation_that_it_names_however_often_it_comes(far: Far) -> None:
    if not far.calls_us:
        return
    for identity in ("p-1", "p-2"):
        headers, body = await far.callback(identity)
        told = [far.connector.read_callback(headers, body, _now()) for _ in range(3)]
        assert told[0] == told[1] == told[2]
        (callback,) = told[0]
        assert callback.operation_id == identity
        assert isinstance(callback.outcome, Paid)


async def test_a_callback_that_was_changed_on_the_way_is_refused(far: Far) -> None:
    if not far.calls_us:
        return
    headers, body = await far.callback("p-1")
    for changed in (body.replace(b"p-1", b"p-2"), body + b" ", body[:-1], b""):
        _is_refused(far, headers, changed)


async def test_a_callback_whose_signature_is_wrong_or_missing_is_refused(far: Far) -> None:
    headers, body = await far.callback("p-1") if far.calls_us else ({}, b"{}")
    for name in headers:
        if "signature" in name or "timestamp" in name:
            for text in ("", "nonsense", "v1,", "v1,AAAA", "t=1,v1=00", "\xff" * 3, "v1," + "A" * 5000):
                _is_refused(far, {**headers, name: text}, body)
            _is_refused(far, {other: text for other, text in headers.items() if other != name}, body)
    _is_refused(far, {}, body)


@pytest.mark.parametrize("away_seconds", [-HOUR, HOUR])
async def test_a_callback_of_another_time_is_refused(far: Far, away_seconds: float) -> None:
    if not far.calls_us:
        return
    headers, body = await far.callback("p-1")
    now = _now() + round(away_seconds * 1_000_000)
    with pytest.raises(CallbackRefused):
        far.connector.read_callback(headers, body, now)


async def test_ten_megabytes_are_refused_even_with_a_right_signature(far: Far) -> None:
    body = b'{"id": "' + b"a" * TEN_MEGABYTES + b'"}'
    headers = far.signed(body, time.time())[0] if far.calls_us else {}
    started = time.perf_counter()
    _is_refused(far, headers, body)
    assert time.perf_counter() - started < 1


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200))
def test_whatever_is_sent_as_a_callback_is_refused_or_read_and_never_breaks(far: Far, body: bytes) -> None:
    _is_refused(far, {}, body)
    if far.calls_us:
        headers, _ = far.signed(b"{}", time.time())
        _is_refused(far, headers, body + b" ")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["payment", "refund", "id", "state", "type", "data", "object", "reference"]),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_a_signed_callback_of_any_shape_tells_nothing_but_what_it_says(far: Far, body: object) -> None:
    if not far.calls_us:
        return
    headers, text = far.signed(json.dumps(body).encode(), time.time())
    try:
        told = far.connector.read_callback(headers, text, _now())
    except CallbackRefused:
        return
    assert all(not isinstance(one.outcome, Paid) or "paid" in text.decode() for one in told)


def _now() -> int:
    return time.time_ns() // 1000


def _is_refused(far: Far, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(CallbackRefused):
        far.connector.read_callback(headers, body, _now())
