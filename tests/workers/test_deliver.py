"""Deliveries over real sockets: signed, retried on schedule, leased, and never twice at once."""

import asyncio
import time
from collections.abc import AsyncIterator
from email.utils import formatdate

import pytest
from aiohttp import web
from standardwebhooks import WebhookVerificationError

from tests import gateway
from tests.gateway import clock_of
from tests.receivers import served
from tests.workers.telling import Receiver, deliver, paid_payment, receiver, tries_of
from tillway.commands import notices, records
from tillway.commands.tools import Tools
from tillway.connectors.addresses import Reach
from tillway.connectors.outbound import Outbound
from tillway.domain.clients import SecretUse
from tillway.domain.notices import NoticeState
from tillway.domain.schedules import DAY, GIFT_CARD_NOTICES, HOUR, SECOND
from tillway.queries import notices as queries
from tillway.workers.deliver import LEASE, Deliverer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def outbound(anyio_backend: str) -> AsyncIterator[Outbound]:
    opened = Outbound(Reach.SANDBOX)
    yield opened
    await opened.close()


@pytest.fixture
def deliverer(tools: Tools, outbound: Outbound) -> Deliverer:
    return Deliverer(tools, outbound)


@pytest.fixture
async def shop(anyio_backend: str) -> AsyncIterator[Receiver]:
    async with receiver() as made:
        yield made


async def test_a_completed_payment_is_told_once_and_signed(tools: Tools, deliverer: Deliverer, shop: Receiver) -> None:
    credentials = await gateway.credentials(tools)
    identity = await paid_payment(tools, shop.url)
    await deliver(deliverer)
    (told,) = shop.told
    told.is_signed_with(credentials.signing_secret)
    notice, (one,) = await tries_of(tools, identity)
    assert (told.notice_id, told.body.decode()) == (identity, notice.body)
    assert told.headers["content-type"] == "application/json"
    assert (notice.state, one.status, one.number) == (NoticeState.ACCEPTED, 200, 1)
    assert one.duration > 0


async def test_another_secret_does_not_fit(tools: Tools, deliverer: Deliverer, shop: Receiver) -> None:
    other = await gateway.credentials(tools, "other")
    await paid_payment(tools, shop.url)
    await deliver(deliverer)
    with pytest.raises(WebhookVerificationError):
        shop.told[0].is_signed_with(other.signing_secret)


async def test_a_refused_notice_is_told_again_when_its_wait_is_over_with_the_same_id_and_body(
    tools: Tools, deliverer: Deliverer, shop: Receiver
) -> None:
    shop.answers(500, 503, 404, 200)
    identity = await paid_payment(tools, shop.url)
    await deliver(deliverer)
    for tries, wait in enumerate(GIFT_CARD_NOTICES.waits[:3], 1):
        clock_of(tools).advance(wait * 0.89 / SECOND)
        await deliver(deliverer)
        assert len(shop.told) == tries
        clock_of(tools).advance(wait * 0.22 / SECOND)
        await deliver(deliverer)
        assert len(shop.told) == tries + 1
    assert len({(told.notice_id, told.body) for told in shop.told}) == 1
    notice, tries = await tries_of(tools, identity)
    assert notice.state is NoticeState.ACCEPTED
    assert [one.status for one in tries] == [500, 503, 404, 200]


async def test_a_receiver_that_never_accepts_is_given_up_after_seven_days(
    tools: Tools, deliverer: Deliverer, shop: Receiver
) -> None:
    shop.answers(500)
    identity = await paid_payment(tools, shop.url)
    for _ in range(8 * 24):
        await deliver(deliverer)
        clock_of(tools).advance(3600)
    notice, tries = await tries_of(tools, identity)
    assert notice.state is NoticeState.GIVEN_UP
    assert len(tries) == len(shop.told) > 10
    assert [row.url for row in await queries.failing(tools.store, "till", tools.now())] == [shop.url]


@pytest.mark.parametrize("by_date", [False, True])
async def test_a_receiver_may_ask_us_to_wait(tools: Tools, deliverer: Deliverer, shop: Receiver, by_date: bool) -> None:
    shop.answers(503, Retry_After=formatdate(time.time() + 3600, usegmt=True) if by_date else "3600")
    identity = await paid_payment(tools, shop.url)
    await deliver(deliverer)
    notice, _ = await tries_of(tools, identity)
    assert abs(notice.next_try_at - tools.now() - HOUR) <= 2 * SECOND


@pytest.mark.parametrize("asked", ["soon", "-1", "9" * 400, "Thu, 99 Nov 2026 00:00:00 GMT"])
async def test_a_wish_that_makes_no_sense_is_bounded(
    tools: Tools, deliverer: Deliverer, shop: Receiver, asked: str
) -> None:
    shop.answers(503, Retry_After=asked)
    identity = await paid_payment(tools, shop.url)
    await deliver(deliverer)
    notice, _ = await tries_of(tools, identity)
    assert tools.now() < notice.next_try_at <= tools.now() + DAY


async def test_gone_ends_the_notice_and_switches_the_url_off_until_it_is_replayed(
    tools: Tools, deliverer: Deliverer, shop: Receiver
) -> None:
    shop.answers(410)
    first = await paid_payment(tools, shop.url)
    await deliver(deliverer)
    second = await paid_payment(tools, shop.url)
    await deliver(deliverer)
    assert len(shop.told) == 1
    assert [(await tries_of(tools, each))[0].state for each in (first, second)] == [NoticeState.REFUSED] * 2
    shop.answers(200)
    await notices.replay_one(tools, second)
    await deliver(deliverer)
    assert (await tries_of(tools, second))[0].state is NoticeState.ACCEPTED


async def test_what_a_killed_deliverer_had_leased_is_told_by_another_with_the_same_id(
    tools: Tools, deliverer: Deliverer, shop: Receiver
) -> None:
    identity = await paid_payment(tools, shop.url)
    (killed,) = await notices.lease(tools, (identity,), LEASE)
    await deliver(deliverer)
    assert shop.told == []
    clock_of(tools).advance(LEASE / SECOND)
    await deliver(deliverer)
    assert [told.notice_id for told in shop.told] == [killed.id]


async def test_two_deliverers_on_one_database_tell_everything_once(
    tools: Tools, outbound: Outbound, shop: Receiver
) -> None:
    identities = [await paid_payment(tools, shop.url) for _ in range(20)]
    other = gateway.tools_on(tools.store, clock_of(tools))
    await asyncio.gather(*(deliver(Deliverer(each, outbound)) for each in (tools, other)))
    await other.committer.close()
    assert sorted(told.notice_id for told in shop.told) == sorted(identities)


async def test_while_secrets_change_both_sign_and_afterwards_only_the_new_one(
    tools: Tools, outbound: Outbound, shop: Receiver
) -> None:
    old = (await gateway.credentials(tools)).signing_secret
    new = await records.replace_secret(tools, "till", SecretUse.SIGNING)
    await paid_payment(tools, shop.url)
    await deliver(Deliverer(tools, outbound))
    assert len(shop.told[0].headers["webhook-signature"].split(" ")) == 2
    for secret in (old, new):
        shop.told[0].is_signed_with(secret)
    clock_of(tools).advance(25 * 3600)
    await paid_payment(tools, shop.url)
    await deliver(Deliverer(tools, outbound))
    shop.told[1].is_signed_with(new)
    with pytest.raises(WebhookVerificationError):
        shop.told[1].is_signed_with(old)


async def test_a_redirect_is_not_followed_and_is_tried_again(
    tools: Tools, deliverer: Deliverer, shop: Receiver
) -> None:
    async with receiver() as elsewhere:
        shop.answers(302, Location=elsewhere.url)
        identity = await paid_payment(tools, shop.url)
        await deliver(deliverer)
        assert elsewhere.told == []
    notice, (one,) = await tries_of(tools, identity)
    assert (notice.state, one.status) == (NoticeState.DUE, 302)


async def test_the_first_two_kibibytes_of_an_answer_are_kept_as_text(
    tools: Tools, deliverer: Deliverer, shop: Receiver
) -> None:
    shop.answers(500, body=b"nul \0 and \xff, then " + b"x" * 10_000)
    identity = await paid_payment(tools, shop.url)
    await deliver(deliverer)
    _, (one,) = await tries_of(tools, identity)
    assert one.answer.startswith("nul \ufffd and \ufffd, then xxx")
    assert len(one.answer) == 2048


async def test_in_production_this_machine_is_not_called(tools: Tools, shop: Receiver) -> None:
    production = Outbound(Reach.PUBLIC)
    plain = await paid_payment(tools, shop.url)
    encrypted = await paid_payment(tools, shop.url.replace("http:", "https:"))
    await deliver(Deliverer(tools, production))
    await production.close()
    assert shop.told == []
    for identity, reason in ((plain, "url_refused"), (encrypted, "address_refused")):
        notice, (one,) = await tries_of(tools, identity)
        assert (notice.state, one.status, one.answer) == (NoticeState.DUE, 0, reason)


async def test_a_try_that_is_cut_short_is_made_again(tools: Tools, outbound: Outbound) -> None:
    arrived = asyncio.Event()
    asked: list[str] = []

    async def hang_once(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers["webhook-id"])
        if len(asked) == 1:
            arrived.set()
            await asyncio.sleep(30)
        return web.Response()

    async with served(hang_once) as url:
        identity = await paid_payment(tools, url)
        first = Deliverer(tools, outbound)
        await first.turn()
        await asyncio.wait_for(arrived.wait(), 5)
        await first.finish(drain_seconds=0)
        clock_of(tools).advance(LEASE / SECOND)
        await deliver(Deliverer(tools, outbound))
    assert asked == [identity, identity]
    assert (await tries_of(tools, identity))[0].state is NoticeState.ACCEPTED


async def test_all_notices_of_a_client_between_two_times_are_told_again(
    tools: Tools, deliverer: Deliverer, shop: Receiver
) -> None:
    identities: list[str] = []
    for client_id in ("till", "till", "other", "till"):
        identities.append(await paid_payment(tools, shop.url, client_id))
        clock_of(tools).advance(60)
    await deliver(deliverer)
    shop.told.clear()
    count = await notices.replay_of_client(tools, "till", gateway.START, gateway.START + 180 * SECOND)
    await deliver(deliverer)
    assert count == 2
    assert sorted(told.notice_id for told in shop.told) == sorted(identities[:2])
