"""An issuer of one's own: named in the settings, asked over HTTP before its cards pay, and refunded through."""

import json
from pathlib import Path

import pytest

from tests.clients.till import card
from tests.connectors.issuer import EMPTY_CARD, SECRET, pretend_issuer
from tests.server import serving
from tests.shop import open_shop

pytestmark = pytest.mark.anyio


async def test_cards_of_a_named_connector_are_paid_and_refunded_through_their_issuer(tmp_path: Path) -> None:
    async with pretend_issuer() as issuer:
        named = json.dumps({"ark": {"url": issuer.url, "secret": SECRET, "limit_seconds": 5}})
        async with serving(tmp_path, settings={"TILLWAY_CONNECTORS": named}) as server, open_shop(server) as shop:
            used = await shop.card(500_00, connector="ark")
            assert used.number != EMPTY_CARD
            payment = await shop.till.open(120)
            assert (await shop.till.perform(payment, card(used.number))).body["status"] == "completed"
            (taken,) = issuer.authorisations.values()
            assert (taken.state, taken.amount) == ("approved", 120_00)
            refunded = await shop.till.refund(payment, 20)
            assert refunded.body["status"] == "booked", refunded
            assert list(taken.refunds.values()) == ["approved"]
            assert (await shop.books(used.number)).balance == 400_00
