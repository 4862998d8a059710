"""What hooks of payment orders get over the wire: bodies as documented, marks checked by hand, and 4xx for the end."""

import json
from datetime import UTC, datetime

import pytest

from tests.surfaces.order_api.hearing import ORDERS, PAYMENTS, hearing, marked, marks_of, notices_of
from tests.surfaces.order_api.stall import Stall, data
from tests.workers.telling import deliver, receiver, tries_of
from tillway.commands import hooks, notices, records
from tillway.domain.clients import SecretUse
from tillway.domain.events import HookTested
from tillway.domain.hook_refusals import HookUnknown
from tillway.domain.hooks import HookType
from tillway.domain.notices import NoticeState
from tillway.domain.schedules import ORDER_NOTICES, SECOND
from tillway.queries import events
from tillway.queries.hooks import hooks as hooks_of
from tillway.queries.hooks import signing_secret
from tillway.surfaces.order_api.notices import NOBODYS, trial

pytestmark = pytest.mark.anyio


async def test_a_change_is_told_as_the_document_says_with_both_kinds_of_signatures(stall: Stall) -> None:
    async with hearing(stall) as heard:
        await heard.listens(PAYMENTS)
        order = await stall.opened(instructionId="ABCD11234", externalId="invoice 7", hookData={"cart": [17, 1.5]})
        payment = order["processablePaymentId"]
        await stall.seen(payment)
        (body,) = await heard.told()
        (told,) = heard.shop.told
        secret = await signing_secret(stall.tools.store, stall.tools.vault, stall.shop.client_id)
    moment = "2026-01-01T00:00:00.000Z"
    assert told.body.decode() == (
        f'{{"eventType":"payment.statusChange","eventTimestamp":"{moment}","eventId":"{body["eventId"]}",'
        f'"clientId":"{stall.shop.client_id}","hookType":"payment.statusChange","timestamp":"{moment}",'
        f'"data":{{"paymentId":"{payment}","orderId":"{order["id"]}","instructionId":"ABCD11234",'
        '"externalId":"invoice 7","status":"SEEN","hookData":{"cart":[17,1.5]}}}'
    )
    assert told.headers["content-type"] == "application/json"
    told.is_signed_with(secret)
    marks = marks_of(told)
    assert list(marks) == ["ts", "v0"]
    assert marks["v0"] == marked(secret, marks["ts"], told.body)


async def test_what_was_not_given_is_not_told(stall: Stall) -> None:
    async with hearing(stall) as heard:
        await heard.listens(PAYMENTS)
        order = await stall.opened()
        await stall.seen(order["processablePaymentId"])
        (told,) = await heard.told()
    assert list(told["data"]) == ["paymentId", "orderId", "status"]


async def test_a_refund_is_told_under_its_own_name_with_its_own_words(stall: Stall) -> None:
    async with hearing(stall) as heard:
        order = await stall.paid(externalId="invoice 7", instructionId="P-1")
        await heard.listens(PAYMENTS)
        opened = await stall.shop.refund(order["id"], 40, instructionId="R-1", hookData={"why": "ž"})
        refund = data(opened)["id"]
        await stall.seen(refund)
        (told,) = await heard.told()
    assert told["data"] == {
        "refundId": refund,
        "orderId": order["id"],
        "instructionId": "R-1",
        "externalId": "invoice 7",
        "status": "SEEN",
        "hookData": {"why": "ž"},
    }


async def test_the_time_that_is_signed_is_that_of_each_try_by_the_wall_clock(stall: Stall) -> None:
    wall = [1_800_000_000.123]
    async with hearing(stall, lambda: wall[0]) as heard:
        heard.shop.answers(503, 200)
        await heard.listens(PAYMENTS)
        await stall.seen((await stall.opened())["processablePaymentId"])
        await heard.told()
        wall[0] += 5
        stall.advance(6)
        await heard.told()
        stamps = [marks_of(one)["ts"] for one in heard.shop.told]
    assert stamps == [
        datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.123Z") for at in (1_800_000_000, 1_800_000_005)
    ]
    assert len({one.body for one in heard.shop.told}) == 1


async def test_while_secrets_change_the_older_one_signs_first_and_for_a_day(stall: Stall) -> None:
    tools, client = stall.tools, stall.shop.client_id
    old = await signing_secret(tools.store, tools.vault, client)
    new = await records.replace_secret(tools, client, SecretUse.SIGNING)
    for seconds, secrets in ((0, [old, new]), (86_400, [new])):
        stall.advance(seconds)
        await stall.shop.login()
        async with hearing(stall) as heard:
            await heard.listens(PAYMENTS)
            await stall.seen((await stall.opened())["processablePaymentId"])
            await heard.told()
            told = heard.shop.told[-1]
            for one in await hooks_of(tools.store, client):
                await hooks.end(tools, client, one.number)
        marks = marks_of(told)
        stamp = marks.pop("ts")
        assert marks == {f"v{place}": marked(secret, stamp, told.body) for place, secret in enumerate(secrets)}
        for secret in secrets:
            told.is_signed_with(secret)


@pytest.mark.parametrize("status", [400, 401, 404, 422, 429])
async def test_a_4xx_is_the_end_and_the_next_change_is_told_all_the_same(stall: Stall, status: int) -> None:
    async with hearing(stall) as heard:
        heard.shop.answers(status, 200)
        await heard.listens(PAYMENTS)
        await stall.seen((await stall.opened())["processablePaymentId"])
        await heard.told()
        stall.advance(86_400)
        await heard.told()
        assert len(heard.shop.told) == 1
        (refused,) = await notices_of(stall)
        assert refused.state is NoticeState.REFUSED
        await stall.shop.login()
        await stall.seen((await stall.opened())["processablePaymentId"])
        await heard.told()
    assert [one.state for one in await notices_of(stall)] == [NoticeState.REFUSED, NoticeState.ACCEPTED]


async def test_gone_switches_the_address_off_until_something_is_replayed(stall: Stall) -> None:
    async with hearing(stall) as heard:
        heard.shop.answers(410, 200)
        await heard.listens(PAYMENTS)
        for _ in range(2):
            stall.advance(1)
            await stall.seen((await stall.opened())["processablePaymentId"])
            await heard.told()
        assert len(heard.shop.told) == 1
        _, second = await notices_of(stall)
        await notices.replay_one(stall.tools, second.id)
        await heard.told()
    assert [one.state for one in await notices_of(stall)] == [NoticeState.REFUSED, NoticeState.ACCEPTED]


async def test_what_is_not_answered_well_is_told_5_times_within_seconds_and_then_ever_more_slowly(stall: Stall) -> None:
    async with hearing(stall) as heard:
        heard.shop.answers(500)
        await heard.listens(PAYMENTS)
        await stall.seen((await stall.opened())["processablePaymentId"])
        await heard.told()
        for tries, wait in enumerate(ORDER_NOTICES.waits[:5], 1):
            stall.advance(wait * 0.89 / SECOND)
            assert len(await heard.told()) == tries
            stall.advance(wait * 0.22 / SECOND)
            assert len(await heard.told()) == tries + 1
        heard.shop.answers(204)
        stall.advance(3600)
        await heard.told()
    (notice,) = await notices_of(stall)
    _, tries = await tries_of(stall.tools, notice.id)
    assert [one.status for one in tries] == [*(6 * [500]), 204]
    assert notice.state is NoticeState.ACCEPTED


async def test_a_hook_that_is_dead_keeps_nothing_from_the_others(stall: Stall) -> None:
    async with hearing(stall) as heard, receiver() as other:
        other.answers(500)
        await heard.listens(ORDERS, other.url)
        await heard.listens(ORDERS)
        await stall.paid()
        (told,) = await heard.told()
    assert told["data"]["status"] == "PAID"
    assert len(other.told) == 1


@pytest.mark.parametrize("kind", list(HookType))
async def test_a_hook_can_be_tried_out(stall: Stall, kind: HookType) -> None:
    async with hearing(stall) as heard:
        await heard.listens(kind)
        notice = await hooks.try_out(stall.tools, stall.shop.client_id, 1, trial)
        (body,) = await heard.told()
        (told,) = heard.shop.told
        secret = await signing_secret(stall.tools.store, stall.tools.vault, stall.shop.client_id)
    assert (body["eventType"], body["hookType"], body["eventId"]) == ("test", kind, notice.event_id)
    assert set(body["data"].values()) <= {NOBODYS, "CREATED", "UNPAID"}
    assert marks_of(told)["v0"] == marked(secret, marks_of(told)["ts"], told.body)
    stall.advance(120)
    (logged,) = await events.events(stall.tools.store, "", stall.shop.client_id, 10, stall.tools.now())
    assert (logged.kind, json.loads(logged.body)) == (HookTested.kind, {"number": 1, "type": kind})


async def test_only_a_hook_that_is_there_can_be_tried_out(stall: Stall) -> None:
    with pytest.raises(HookUnknown):
        await hooks.try_out(stall.tools, stall.shop.client_id, 1, trial)


async def test_what_was_to_be_told_when_a_hook_ended_is_still_told(stall: Stall) -> None:
    async with hearing(stall) as heard:
        await heard.listens(PAYMENTS)
        await stall.seen((await stall.opened())["processablePaymentId"])
        await hooks.end(stall.tools, stall.shop.client_id, 1)
        await stall.seen((await stall.opened())["processablePaymentId"])
        await deliver(heard.deliverer)
        assert len(heard.shop.told) == 1
