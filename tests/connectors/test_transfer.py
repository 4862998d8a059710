"""Transfers and files call nobody, and say nothing that they cannot know."""

import pytest

from tillway.connectors.protocol import CallbackRefused, Connector, Operation
from tillway.connectors.transfer import Files, Transfers
from tillway.domain.outcomes import Declined, Paid, Pending
from tillway.domain.reasons import Reason

pytestmark = pytest.mark.anyio

OPERATION = Operation("p-1", "", 100, "EUR")


@pytest.mark.parametrize("connector", [Transfers(), Files()], ids=["transfers", "files"])
async def test_only_a_statement_knows_what_became_of_them(connector: Connector) -> None:
    assert await connector.begin(OPERATION) == await connector.look_up(OPERATION) == Pending()
    assert await connector.refund(OPERATION, "p-0") == Declined(Reason.REFUND_REFUSED)
    with pytest.raises(CallbackRefused):
        connector.read_callback({}, b"", 0)


async def test_a_transfer_that_was_not_made_never_happens_but_a_bank_may_have_the_file() -> None:
    assert await Transfers().reverse(OPERATION) == Paid()
    assert await Files().reverse(OPERATION) == Pending()
