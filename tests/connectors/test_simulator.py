"""The issuer simulator: silence that really lasts, and numbers that say how they behave."""

import asyncio

import pytest

from tillway.connectors import simulator
from tillway.connectors.protocol import Operation
from tillway.connectors.simulator import IssuerSimulator
from tillway.domain.outcomes import Declined, Paid

pytestmark = pytest.mark.anyio


def operation(behaviour: str) -> Operation:
    return Operation("p-1", f"606100{behaviour}00000000000", 100, "NOK")


@pytest.mark.parametrize("behaviour", [simulator.SILENT_AND_NEVER_RECEIVED, simulator.SILENT_BUT_PAID])
async def test_a_silent_issuer_does_not_answer_however_long_one_waits(behaviour: str) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await IssuerSimulator().begin(operation(behaviour))


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (simulator.SILENT_AND_NEVER_RECEIVED, Declined("issuer_never_received")),
        (simulator.SILENT_BUT_PAID, Paid()),
        (simulator.FAILING, Declined("issuer_failure")),
        ("00", Paid()),
        ("99", Paid()),
    ],
)
async def test_a_look_up_tells_what_became_of_it(behaviour: str, outcome: object) -> None:
    assert await IssuerSimulator().look_up(operation(behaviour)) == outcome


async def test_a_failing_issuer_answers_at_once() -> None:
    assert await IssuerSimulator().begin(operation(simulator.FAILING)) == Declined("issuer_failure")
