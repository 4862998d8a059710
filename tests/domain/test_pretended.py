"""The pretend acquirer's payment under whatever payers, gateway and time do to it, in any order."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tillway.domain import pretended
from tillway.domain.pretended import MOST_CALLS, Pretended, PretendedState, Step, Terms
from tillway.domain.published import BY_CODE, PROCESSES, PUBLISHED, UNDECIDED
from tillway.domain.reasons import Reason
from tillway.domain.schedules import DAY, SECOND

AMOUNT = 100_00
TERMS = Terms("card", AMOUNT, "NOK", "https://g.example/r", "https://g.example/c", "en", "NO", "", "")
FINAL = {PretendedState.PAID, PretendedState.DECLINED, PretendedState.CANCELLED}

act = st.one_of(
    st.tuples(st.just("card"), st.sampled_from(PUBLISHED)),
    st.tuples(st.just("bank"), st.just("fjord")),
    st.tuples(st.just("prove"), st.sampled_from([None, PROCESSES, UNDECIDED])),
    st.tuples(st.just("refuse"), st.just(Reason.PAYER_CANCELLED)),
    st.tuples(st.just("settle"), st.sampled_from(["", Reason.LOST_CARD])),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.just("refund"), st.integers(1, AMOUNT)),
    st.tuples(st.just("time"), st.sampled_from([SECOND, 15 * SECOND, 3600 * SECOND, DAY])),
    st.tuples(st.just("call"), st.booleans()),
)


def acted(payment: Pretended, what: str, how: Any, now: int, number: int) -> Pretended:
    """The payment after one act."""
    match what:
        case "card":
            return pretended.enter_card(payment, how, now)
        case "bank":
            return pretended.choose_bank(payment, how, now)
        case "prove":
            return pretended.prove(payment, how, now)
        case "refuse":
            return pretended.refuse(payment, how, now)
        case "settle":
            return pretended.settle(payment, how, now)
        case "cancel":
            return pretended.cancel(payment, now)
        case "refund":
            return pretended.refund(payment, f"r-{number}", how, now)
        case "call":
            after, calls = pretended.take_calls(payment, now)
            return pretended.heard(after, [call.number for call in calls]) if how else after
        case _:
            return payment


@given(st.lists(act, max_size=25), st.sampled_from(["card", "bank"]))
def test_what_is_decided_stays_decided_and_no_more_goes_back_than_came(
    acts: list[tuple[str, Any]], method: str
) -> None:
    now = 1
    payment = pretended.create("p-1", replace(TERMS, method=method), now)
    for number, (what, how) in enumerate(acts):
        now += how if what == "time" else 1
        before = pretended.pass_time(payment, now)
        payment = acted(before, what, how, now, number)
        if before.state in FINAL:
            assert (payment.state, payment.reason, payment.mask) == (before.state, before.reason, before.mask)
        assert (payment.state is PretendedState.DECLINED) == bool(payment.reason)
        assert payment.is_waiting or payment.step is Step.DONE
        settled = {one.id: one.state for one in before.refunds if one.state is not PretendedState.PENDING}
        assert settled.items() <= {one.id: one.state for one in payment.refunds}.items()
        given_back = sum(one.amount for one in payment.refunds if one.state is not PretendedState.DECLINED)
        assert given_back <= (AMOUNT if payment.state is PretendedState.PAID else 0)
        assert not (payment.bank and payment.mask)
        assert len({call.number for call in payment.calls}) == len(payment.calls)


@given(st.sampled_from(PUBLISHED))
def test_time_alone_brings_every_number_to_its_end_but_for_those_that_wait_for_somebody(number: Any) -> None:
    payment = pretended.enter_card(pretended.create("p-1", TERMS, 1), number, 1)
    ended = pretended.pass_time(payment, DAY)
    waits = number.behaviour.is_late or number.behaviour.waits < 0
    assert (ended.state is PretendedState.PENDING) == waits
    assert (ended.next_at == 0) == (waits or not ended.calls)


def test_a_gateway_that_never_listens_is_given_up() -> None:
    payment = pretended.enter_card(pretended.create("p-1", TERMS, 1), BY_CODE["paid"], 1)
    tries = 0
    while payment.next_at:
        payment, calls = pretended.take_calls(payment, payment.next_at)
        tries += len(calls)
    assert tries == MOST_CALLS
    assert payment.state is PretendedState.PAID
