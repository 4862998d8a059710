"""Every state machine, walked over all pairs of its states."""

from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from tillway.domain.giftcards import CARD, CardState
from tillway.domain.machine import Machine, MoveNotAllowed
from tillway.domain.payments import ATTEMPT, PAYMENT, WAITING, AttemptState, PaymentState
from tillway.domain.refunds import REFUND, RefundState

ALLOWED: dict[type[StrEnum], tuple[Machine[Any], str]] = {
    PaymentState: (
        PAYMENT,
        """
        CREATED → SEEN PROCESSING BOOKED WITHDRAWN EXPIRED
        SEEN → PROCESSING BOOKED FAILED WITHDRAWN EXPIRED
        PROCESSING → SEEN CONFIRMED BOOKED FAILED WITHDRAWN PROCESSING_EXPIRED
        CONFIRMED → BOOKED FAILED
        BOOKED →
        FAILED →
        WITHDRAWN →
        EXPIRED →
        PROCESSING_EXPIRED →
        """,
    ),
    AttemptState: (
        ATTEMPT,
        """
        OPEN → REVERSING HELD PAID DECLINED WITHDRAWN LATE
        REVERSING → WITHDRAWN LATE
        HELD → REVERSING PAID WITHDRAWN
        PAID →
        DECLINED → LATE
        WITHDRAWN → LATE
        LATE → RETURNED
        RETURNED →
        """,
    ),
    RefundState: (
        REFUND,
        """
        PROCESSING → BOOKED FAILED
        BOOKED →
        FAILED →
        """,
    ),
    CardState: (
        CARD,
        """
        INACTIVE → ACTIVE BLOCKED
        ACTIVE → BLOCKED
        BLOCKED → ACTIVE
        """,
    ),
}


def _moves(table: str) -> dict[str, set[str]]:
    moves: dict[str, set[str]] = {}
    for line in table.strip().splitlines():
        source, _, targets = line.partition("→")
        moves[source.strip()] = set(targets.split())
    return moves


@pytest.mark.parametrize("states", ALLOWED, ids=lambda states: states.__name__)
def test_a_machine_moves_exactly_as_documented(states: type[StrEnum]) -> None:
    machine, table = ALLOWED[states]
    moves = _moves(table)
    assert set(moves) == {state.name for state in states}
    for source, target in product(states, states):
        allowed = target.name in moves[source.name]
        assert machine.may(source, target) is allowed
        if allowed:
            assert machine.advance(source, target) is target
        else:
            with pytest.raises(MoveNotAllowed, match=f"{machine.name} cannot go from {source} to {target}"):
                machine.advance(source, target)


@pytest.mark.parametrize("states", ALLOWED, ids=lambda states: states.__name__)
def test_a_state_is_final_when_nothing_leads_away(states: type[StrEnum]) -> None:
    machine, table = ALLOWED[states]
    for state in states:
        assert machine.is_final(state) is not _moves(table)[state.name]


@pytest.mark.parametrize("states", ALLOWED, ids=lambda states: states.__name__)
def test_every_state_but_the_first_can_be_reached(states: type[StrEnum]) -> None:
    machine, _ = ALLOWED[states]
    first, *others = states
    reached = {first}
    while more := {target for source in reached for target in machine.moves[source]} - reached:
        reached |= more
    assert reached == {first, *others}


def test_the_payer_may_act_before_anything_is_taken_only() -> None:
    assert {PaymentState.CREATED, PaymentState.SEEN} == WAITING
