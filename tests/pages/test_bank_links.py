"""The bank pages over plain HTTP: what opens, what does not, what is sent along, and what happens once."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import aiohttp
import pytest

from tests import gateway
from tests.pages.bank_stage import BankShop, open_bank_shop
from tillway.commands import hooks, orders
from tillway.domain.hooking import HookAsked
from tillway.domain.hooks import HookType
from tillway.domain.ids import order_of
from tillway.domain.payments import PaymentState
from tillway.domain.reasons import WORDS, Reason
from tillway.domain.settling import GIVEN_UP
from tillway.domain.telling import Audience
from tillway.store.opening import open_store
from tillway.surfaces.bank_checkout.declining import decline_text
from tillway.surfaces.bank_checkout.drawing import bank_pages
from tillway.surfaces.common.payment_links import OPENS_AFTER_EXPIRY_SECONDS, payment_link

pytestmark = pytest.mark.anyio

OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
async def session(anyio_backend: str) -> AsyncIterator[aiohttp.ClientSession]:
    """A caller that follows nothing and keeps nothing."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as opened:
        yield opened


async def told(
    session: aiohttp.ClientSession, url: str, form: Mapping[str, str] | None = None, **headers: str
) -> tuple[int, str, Mapping[str, str]]:
    """What a look, or a form of our own, is answered with: status, page and header fields."""
    method, sent = ("GET", headers) if form is None else ("POST", {**OWN, **headers})
    async with session.request(method, url, data=form, headers=sent, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers


async def test_opening_the_page_is_noted_once(bank_shop: BankShop, session: aiohttp.ClientSession) -> None:
    payment = await bank_shop.order()
    for _ in range(2):
        status, _, _ = await told(session, bank_shop.link(payment))
        assert status == 200
    after = (await bank_shop.now(payment)).payment
    assert (after.state, after.version) == (PaymentState.SEEN, 1)


@pytest.mark.parametrize("below", ["", "/account", "/transfer", "/leave", "/return", "/outcome", "/steps"])
async def test_a_link_that_is_not_ours_opens_nothing(
    bank_shop: BankShop, session: aiohttp.ClientSession, below: str
) -> None:
    payment = await bank_shop.order()
    link = bank_shop.link(payment)
    flipped = link[:-1] + ("A" if link[-1] != "A" else "B")
    of_another_kind = payment_link(bank_shop.tools.vault, bank_shop.url, payment.id, payment.expires_at)
    for wrong in (flipped, of_another_kind.replace("/pay/", "/bank/"), f"{bank_shop.url}/bank/x"):
        status, page, _ = await told(session, wrong + below)
        assert status == 404
        assert "This link does not open a payment" in page
        assert "Horský" not in page
    assert (await bank_shop.now(payment)).payment.state is PaymentState.CREATED


async def test_an_old_link_says_that_it_has_expired(bank_shop: BankShop, session: aiohttp.ClientSession) -> None:
    payment = await bank_shop.order(lasts_seconds=60)
    gateway.clock_of(bank_shop.tools).advance(61)
    assert "The time is over" in (await told(session, bank_shop.link(payment)))[1]
    gateway.clock_of(bank_shop.tools).advance(OPENS_AFTER_EXPIRY_SECONDS)
    status, page, _ = await told(session, bank_shop.link(payment))
    assert (status, "This link has expired" in page) == (410, True)


async def test_a_payment_that_is_overdue_begins_nothing(bank_shop: BankShop, session: aiohttp.ClientSession) -> None:
    payment = await bank_shop.order(lasts_seconds=60)
    link = bank_shop.link(payment)
    await told(session, link)
    gateway.clock_of(bank_shop.tools).advance(61)
    for below, form in (("choose", {"bank": "tatra", "call_key": "k"}), ("leave", {}), ("transfer", {})):
        status, _, headers = await told(session, f"{link}/{below}", form)
        assert (status, bank_shop.url + headers["Location"]) == (303, link)
    for below in ("leave", "transfer", "account?bank=fio-cz", "steps"):
        assert (await told(session, f"{link}/{below}"))[0] == 303
    assert bank_shop.bank.began.total() == 0
    assert (await bank_shop.now(payment)).payment.state is PaymentState.SEEN


@pytest.mark.parametrize(
    ("below", "method"), [("", "POST"), ("/choose", "GET"), ("/return", "POST"), ("/steps", "PUT")]
)
async def test_another_method_is_refused_with_a_page(
    bank_shop: BankShop, session: aiohttp.ClientSession, below: str, method: str
) -> None:
    url = bank_shop.link(await bank_shop.order()) + below
    async with session.request(method, url, headers=OWN) as response:
        assert response.status == 405
        assert response.headers["Allow"]
        assert "Tillway" in await response.text()


async def test_a_form_from_another_site_does_nothing(bank_shop: BankShop, session: aiohttp.ClientSession) -> None:
    payment = await bank_shop.order()
    for below in ("choose", "transfer", "leave", "steps"):
        form = {"bank": "tatra", "call_key": "k"}
        status, _, _ = await told(
            session, f"{bank_shop.link(payment)}/{below}", form, **{"sec-fetch-site": "cross-site"}
        )
        assert status == 403
    assert (await bank_shop.now(payment)).payment.state is PaymentState.CREATED


async def test_the_same_form_sent_many_times_at_once_begins_once(
    bank_shop: BankShop, session: aiohttp.ClientSession
) -> None:
    payment = await bank_shop.order()
    form = {"bank": "tatra", "call_key": "one key"}
    url = f"{bank_shop.link(payment)}/choose"
    answers = await asyncio.gather(*(told(session, url, form) for _ in range(8)))
    assert {(status, headers["Location"]) for status, _, headers in answers} == {
        (303, f"{bank_shop.bank.url}/confirm/{bank_shop.operation(payment)}")
    }
    stands = await bank_shop.now(payment)
    assert (stands.payment.attempt_count, list(bank_shop.bank.began)) == (1, [bank_shop.operation(payment)])


async def test_another_choice_after_the_first_shows_how_it_stands(
    bank_shop: BankShop, session: aiohttp.ClientSession
) -> None:
    payment = await bank_shop.order()
    link = bank_shop.link(payment)
    await told(session, f"{link}/choose", {"bank": "tatra", "call_key": "one"})
    for form in ({"bank": "vub", "call_key": "one"}, {"bank": "tatra", "call_key": "two"}):
        status, _, headers = await told(session, f"{link}/choose", form)
        assert (status, bank_shop.url + headers["Location"]) == (303, link)
    assert (await bank_shop.now(payment)).payment.attempt_count == 1


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"bank": "tatra"},
        {"bank": "tatra", "call_key": "k" * 65},
        {"bank": "nobody", "call_key": "k"},
        {"bank": "sporitelna", "call_key": "k"},
        {"bank": "\0", "call_key": "k"},
    ],
)
async def test_a_choice_of_nothing_leads_back_to_the_list(
    bank_shop: BankShop, session: aiohttp.ClientSession, form: dict[str, str]
) -> None:
    payment = await bank_shop.order()
    status, _, headers = await told(session, f"{bank_shop.link(payment)}/choose", form)
    assert (status, bank_shop.url + headers["Location"]) == (303, bank_shop.link(payment))
    assert (await bank_shop.now(payment)).payment.attempt_count == 0


async def test_a_payment_that_was_withdrawn_meanwhile_says_so(
    bank_shop: BankShop, session: aiohttp.ClientSession
) -> None:
    payment = await bank_shop.order()
    await told(session, bank_shop.link(payment))
    await orders.withdraw_order(bank_shop.tools, bank_shop.client, order_of(payment.id))
    status, _, headers = await told(session, f"{bank_shop.link(payment)}/choose", {"bank": "tatra", "call_key": "k"})
    assert (status, bank_shop.url + headers["Location"]) == (303, bank_shop.link(payment))
    assert "The payment was withdrawn" in (await told(session, bank_shop.link(payment)))[1]
    assert bank_shop.bank.began.total() == 0


async def test_the_bank_used_is_kept_where_no_script_and_no_other_page_sees_it(
    bank_shop: BankShop, session: aiohttp.ClientSession
) -> None:
    url = f"{bank_shop.link(await bank_shop.order())}/choose"
    _, _, headers = await told(session, url, {"bank": "tatra", "call_key": "k"})
    assert headers["Set-Cookie"] == "bank=SK.tatra; Path=/bank; HttpOnly; SameSite=Lax; Max-Age=31536000"


@pytest.mark.parametrize(
    "kept", ["", ".", "XX.nobody", "SK.%00%FF", "SK", f"SK.{'x' * 5000}", "<b>.<i>", "CZ.sporitelna"]
)
async def test_a_cookie_that_names_nothing_does_no_harm(
    bank_shop: BankShop, session: aiohttp.ClientSession, kept: str
) -> None:
    payment = await bank_shop.order()
    status, page, _ = await told(session, bank_shop.link(payment), cookie=f"bank={kept}")
    assert (status, "You used this bank before" in page, "<i>" in page) == (200, False, False)


async def test_what_is_searched_for_is_written_as_text(bank_shop: BankShop, session: aiohttp.ClientSession) -> None:
    link = bank_shop.link(await bank_shop.order())
    for query in ("<script>alert(1)</script>", "%00", "x" * 5000, "%E2%80%AE", "&country=%3Cb%3E"):
        status, page, _ = await told(session, f"{link}?q={query}")
        assert (status, "<script>alert" in page, "<b>" in page) == (200, False, False)


async def test_a_page_may_only_lead_to_banks_and_may_not_be_kept_or_framed(
    bank_shop: BankShop, session: aiohttp.ClientSession
) -> None:
    _, _, headers = await told(session, bank_shop.link(await bank_shop.order()))
    policy = headers["Content-Security-Policy"]
    assert f"form-action 'self' {bank_shop.bank.url};" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


async def test_the_bank_is_told_where_the_payer_comes_from_and_goes_back_to(
    anyio_backend: str, sqlite_database: str, session: aiohttp.ClientSession
) -> None:
    store = open_store(sqlite_database)
    tools = gateway.tools_on(store)
    async with open_bank_shop(tools, proxies=("127.0.0.0/8",)) as shop:
        payment = await shop.order(country="SK", language="sk")
        sent = {"x-forwarded-for": "203.0.113.9", "user-agent": "Mozilla/5.0 (test)"}
        await told(session, f"{shop.link(payment)}/choose", {"bank": "tatra", "call_key": "k"}, **sent)
        journey = shop.bank.journeys[shop.operation(payment)]
        link = shop.link(payment)
        assert (journey.address, journey.agent) == ("203.0.113.9", "Mozilla/5.0 (test)")
        assert (journey.return_url, journey.page_url) == (f"{link}/return", link)
        assert (journey.language, journey.country) == ("sk", "SK")
        assert (journey.email, journey.description) == ("payer@shop.example", "Horský obchod")
    await tools.committer.close()
    await store.close()


async def test_coming_back_asks_the_bank_once_and_waiting_does_not(
    bank_shop: BankShop, session: aiohttp.ClientSession
) -> None:
    payment = await bank_shop.order()
    await bank_shop.begun(payment, "tatra")
    status, page, _ = await told(session, f"{bank_shop.link(payment)}/return")
    assert (status, 'content="5; url=/bank/' in page) == (200, True)
    bank_shop.pays(payment)
    assert "Waiting for your bank" in (await told(session, f"{bank_shop.link(payment)}/outcome"))[1]
    status, page, _ = await told(session, f"{bank_shop.link(payment)}/return")
    assert bank_shop.done(payment).replace("&", "&amp;") in page


async def test_coming_back_before_anything_was_begun_shows_the_list(
    bank_shop: BankShop, session: aiohttp.ClientSession
) -> None:
    payment = await bank_shop.order()
    for below in ("return", "outcome", "steps"):
        status, _, headers = await told(session, f"{bank_shop.link(payment)}/{below}")
        assert (status, bank_shop.url + headers["Location"]) == (303, bank_shop.link(payment))


async def test_a_refund_is_never_transferred_by_hand(bank_shop: BankShop, session: aiohttp.ClientSession) -> None:
    payment = await bank_shop.order()
    await bank_shop.begun(payment, "tatra")
    bank_shop.pays(payment)
    await bank_shop.resolved(payment)
    refund = await bank_shop.refund(payment)
    transfer = f"{bank_shop.link(refund)}/transfer"
    assert (await told(session, transfer))[0] == 303
    assert (await told(session, transfer, {}))[0] == 303
    assert (await bank_shop.now(refund)).payment.expires_at == refund.expires_at


async def test_a_merchant_that_is_asked_and_says_no_has_withdrawn_it(
    anyio_backend: str, sqlite_database: str, session: aiohttp.ClientSession
) -> None:
    store = open_store(sqlite_database)
    tools = replace(gateway.tools_on(store), permission=_Never())
    async with open_bank_shop(tools) as shop:
        asked = HookAsked(HookType.PAYMENT_STATUS_CHECK, "https://shop.example/hooks", 0, 0)
        await hooks.add(shop.tools, shop.client.id, asked, sandbox=True)
        payment = await shop.order()
        form = {"bank": "tatra", "call_key": "k"}
        status, _, headers = await told(session, f"{shop.link(payment)}/choose", form)
        assert (status, shop.url + headers["Location"]) == (303, shop.link(payment))
        assert "The payment was withdrawn" in (await told(session, shop.link(payment)))[1]
        assert shop.bank.began.total() == 0
    await tools.committer.close()
    await store.close()


class _Never:
    async def may_proceed(self, audience: Audience) -> bool:
        return False


@pytest.mark.parametrize("language", bank_pages().languages.names)
async def test_a_payer_may_read_the_page_in_every_language(
    bank_shop: BankShop, session: aiohttp.ClientSession, language: str
) -> None:
    payment = await bank_shop.order(language=language)
    _, page, _ = await told(session, bank_shop.link(payment))
    assert f'<html lang="{language}">' in page


@pytest.mark.parametrize("word", [*sorted(WORDS), GIVEN_UP, "a word nobody knows", ""])
def test_every_reason_has_a_sentence_in_every_language(word: str) -> None:
    pages = bank_pages()
    for language in pages.languages.names:
        said = decline_text(word, pages.text(language))
        assert said.endswith(".")
        assert "_" not in said


def test_what_a_bank_suspects_is_not_told_to_whoever_pays() -> None:
    suspected = (Reason.SUSPECTED_FRAUD, Reason.AML_BLOCKED, Reason.NOT_PERMITTED, Reason.DECLINED)
    assert len({decline_text(word, str) for word in suspected}) == 1
