"""What the demo shop believes: what the gateway signed, lately, of a sale that it knows; and it forgets in time."""

import json
from collections.abc import Mapping
from typing import Any

import aiohttp
import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from tests.demo_shop.stand import GATEWAY, KEYS, Stand, signed
from tillway.surfaces.sandbox.shop.drawing import Places, snippets_of
from tillway.surfaces.sandbox.shop.memory import MOST_POSTBACKS, MOST_SALES

pytestmark = pytest.mark.anyio

OTHER_SECRET = "whsec_MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3OA=="


def paid(reference: str, *, is_success: bool = True) -> bytes:
    return json.dumps({"paymentReference": reference, "isSuccess": is_success, "paymentMethod": "card"}).encode()


@pytest.mark.parametrize(("is_success", "badge"), [(True, ">Paid<"), (False, ">Not paid<")])
async def test_a_signed_postback_is_believed(stand: Stand, is_success: bool, badge: str) -> None:
    reference = await stand.buy()
    assert ">Waiting<" in (await stand.get(f"/sales/{reference}/live"))[1]
    assert await stand.told(paid(reference, is_success=is_success)) == 204
    _, live = await stand.get(f"/sales/{reference}/live")
    assert badge in live
    assert "Signature verified" in live


async def test_a_refunds_postback_does_not_change_what_was_paid(stand: Stand) -> None:
    reference = await stand.buy()
    await stand.told(paid(reference))
    refund = {"paymentReference": reference, "refundReference": "r1", "isSuccess": False, "amount": 5, "reason": "x"}
    assert await stand.told(json.dumps(refund).encode()) == 204
    _, live = await stand.get(f"/sales/{reference}/live")
    assert ">Paid<" in live
    assert ">Refund<" in live


def _forgeries() -> dict[str, Mapping[str, str]]:
    good = signed(b"another body")
    return {
        "of another body": good,
        "by another secret": signed(b"{}", OTHER_SECRET),
        "missing": {},
        "no base64": good | {"webhook-signature": "v1,%%%"},
        "no comma": good | {"webhook-signature": "v1"},
        "no time": good | {"webhook-timestamp": "soon"},
        "of no version": good | {"webhook-signature": "v0,AAAA"},
    }


@pytest.mark.parametrize("forgery", _forgeries())
async def test_a_postback_that_the_gateway_did_not_sign_changes_nothing(stand: Stand, forgery: str) -> None:
    reference = await stand.buy()
    assert await stand.told(paid(reference), _forgeries()[forgery]) == 204
    _, live = await stand.get(f"/sales/{reference}/live")
    assert ">Waiting<" in live
    assert "Not signed by the gateway: ignored" in live


async def test_a_postback_that_is_sent_again_much_later_changes_nothing(stand: Stand) -> None:
    reference = await stand.buy()
    body = paid(reference)
    assert await stand.told(body, signed(body, age_seconds=600)) == 204
    assert ">Waiting<" in (await stand.get(f"/sales/{reference}/live"))[1]


def test_the_code_that_the_page_shows_believes_what_the_gateway_signed() -> None:
    shown: dict[str, Any] = {}
    exec(snippets_of(Places(GATEWAY, "", ""), KEYS).postback, shown)
    body = paid("p-1")
    assert shown["paid"](body, signed(body)) == "p-1"
    failed = paid("p-1", is_success=False)
    assert shown["paid"](failed, signed(failed)) is None
    with pytest.raises(WebhookVerificationError):
        shown["paid"](body, signed(body, OTHER_SECRET))


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"paymentReference": 1, "isSuccess": true}', 400),
        (b'{"paymentReference": "x", "isSuccess": "yes"}', 400),
        (b'{"paymentReference": "unknown", "isSuccess": true}', 204),
        (b'{"a": "' + b"a" * 20_000 + b'"}', 413),
    ],
)
async def test_what_is_no_postback_is_refused(stand: Stand, body: bytes, status: int) -> None:
    assert await stand.told(body, {}) == status


async def test_only_the_last_sales_and_postbacks_are_remembered(stand: Stand) -> None:
    references = [await stand.buy() for _ in range(MOST_SALES + 1)]
    assert (await stand.get(f"/sales/{references[0]}"))[0] == 404
    assert (await stand.get(f"/sales/{references[1]}"))[0] == 200
    for _ in range(MOST_POSTBACKS + 1):
        await stand.told(paid(references[-1]))
    _, live = await stand.get(f"/sales/{references[-1]}/live")
    assert live.count("Signature verified") == MOST_POSTBACKS


async def test_a_payer_comes_back_to_the_sale_and_to_no_other_place(stand: Stand) -> None:
    reference = await stand.buy()
    status, page = await stand.get(f"/back?paymentReference={reference}")
    assert status == 200
    assert reference in page
    for odd in ("", "?paymentReference=https://evil.example", "?paymentReference=..%2F..%2F"):
        assert (await stand.get(f"/back{odd}"))[0] == 404


async def test_a_form_of_another_site_sells_nothing(stand: Stand) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{stand.url}/sales", data={"notebook": "1"}, headers={"sec-fetch-site": "cross-site"}) as answer,
    ):
        assert answer.status == 403
    assert stand.wire.asked == []
