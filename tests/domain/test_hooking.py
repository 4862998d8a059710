"""Hooks as decisions: which addresses may be called, how many there may be, and when one is in force."""

from dataclasses import replace

import pytest

from tests.checks.audiences import AT, CLIENT, URL
from tillway.domain import hooking
from tillway.domain.book import Book
from tillway.domain.clients import Client, RecordState, Surface
from tillway.domain.hook_refusals import ClientWithoutHooks, HookUnknown, HookUrlRefused, TooManyHooks
from tillway.domain.hooking import LONGEST_HOOK_URL, HookAsked
from tillway.domain.hooks import MOST_HOOKS, MOST_KEPT_HOOKS, Hook, HookType
from tillway.domain.ids import ClientId, MerchantId
from tillway.domain.refusals import ClientUnknown

KIND = HookType.PAYMENT_STATUS_CHANGE
SHOP = Client(CLIENT, MerchantId("merchant"), Surface.ORDER, "Shop", "EUR", "", "", RecordState.ACTIVE, AT)


def _book(*clients: Client) -> Book:
    book = Book()
    book.load(Client, clients or (SHOP,))
    return book


def _add(book: Book, asked: HookAsked, *, sandbox: bool = False, now: int = AT) -> Hook:
    decision = hooking.add_hook(book, CLIENT, asked, sandbox=sandbox, now=now)
    book.apply(decision)
    return decision.answer


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example",
        "https://shop.example:8443/hooks?of=us",
        "https://127.0.0.1/",
        "https://[2001:db8::1]/",
        "https://s/" + "a" * (LONGEST_HOOK_URL - 10),
    ],
)
def test_https_may_be_called(url: str) -> None:
    assert hooking.may_be_called(url, sandbox=False)
    assert hooking.may_be_called(url, sandbox=True)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/hooks", "http://localhost", "http://[::1]:80/"])
def test_loopback_may_be_called_by_http_in_a_sandbox_only(url: str) -> None:
    assert hooking.may_be_called(url, sandbox=True)
    assert not hooking.may_be_called(url, sandbox=False)
    with pytest.raises(HookUrlRefused):
        _add(_book(), HookAsked(KIND, url))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example/hooks",
        "//shop.example/hooks",
        "https://",
        "https:///hooks",
        "http://shop.example/hooks",
        "http://localhost.shop.example/",
        "http://127.0.0.1@shop.example/",
        "https://me:secret@shop.example/",
        "https://me@shop.example/",
        "https://shop.example/#part",
        "https://shop.example:port/",
        "https://shop.example:99999/",
        "https://[::1/",
        "https://shop.example/a b",
        "https://shop.example/\n",
        "https://shop.example\\@evil.example/",
        "https://šop.example/",
        "ftp://shop.example/",
        "javascript:alert(1)",
        "https://s/" + "a" * LONGEST_HOOK_URL,
    ],
)
def test_what_is_no_address_or_carries_credentials_may_not(url: str) -> None:
    assert not hooking.may_be_called(url, sandbox=True)


def test_hooks_are_numbered_and_the_same_one_is_not_kept_twice() -> None:
    book = _book()
    first = _add(book, HookAsked(KIND, URL))
    assert _add(book, HookAsked(HookType.ORDER_STATUS_CHANGE, URL)).number == 2
    assert _add(book, HookAsked(KIND, URL)) == first
    assert _add(book, HookAsked(KIND, URL, ends_at=AT + 5)).number == 3


def test_one_that_is_over_can_be_added_anew() -> None:
    book = _book()
    _add(book, HookAsked(KIND, URL))
    book.apply(hooking.end_hook(book, CLIENT, 1, AT + 1))
    assert _add(book, HookAsked(KIND, URL), now=AT + 1).number == 2


def test_a_client_has_so_many_in_force_and_no_more() -> None:
    book = _book()
    for number in range(MOST_HOOKS):
        _add(book, HookAsked(KIND, f"{URL}/{number}"))
    with pytest.raises(TooManyHooks):
        _add(book, HookAsked(KIND, URL))
    book.apply(hooking.end_hook(book, CLIENT, 7, AT + 1))
    assert _add(book, HookAsked(KIND, URL), now=AT + 1).number == MOST_HOOKS + 1


def test_nor_are_more_kept_than_can_be_loaded_with_every_order() -> None:
    book = _book()
    book.load(Hook, [Hook(CLIENT, number, KIND, URL, 0, 1, 0) for number in range(1, MOST_KEPT_HOOKS + 1)])
    with pytest.raises(TooManyHooks):
        _add(book, HookAsked(KIND, URL))


def test_anothers_hooks_do_not_count() -> None:
    other = replace(SHOP, id=ClientId("other"))
    book = _book(SHOP, other)
    book.load(Hook, [Hook(other.id, number, KIND, f"{URL}/{number}", 0, 0, 0) for number in range(1, MOST_HOOKS + 1)])
    assert _add(book, HookAsked(KIND, URL)).number == 1


def test_a_hook_that_has_ended_keeps_its_end() -> None:
    book = _book()
    _add(book, HookAsked(KIND, URL))
    book.apply(hooking.end_hook(book, CLIENT, 1, AT + 1))
    assert hooking.end_hook(book, CLIENT, 1, AT + 9).answer.ends_at == AT + 1


def test_only_clients_of_payment_orders_have_hooks() -> None:
    with pytest.raises(ClientWithoutHooks):
        _add(_book(replace(SHOP, surface=Surface.WEB)), HookAsked(KIND, URL))
    with pytest.raises(ClientUnknown):
        _add(_book(replace(SHOP, id=ClientId("other"))), HookAsked(KIND, URL))


def test_a_hook_that_is_not_there_cannot_end() -> None:
    with pytest.raises(HookUnknown):
        hooking.end_hook(_book(), CLIENT, 1, AT)
    with pytest.raises(ClientUnknown):
        hooking.end_hook(_book(), ClientId("other"), 1, AT)


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "on"), [(0, 0, True), (AT, 0, True), (AT + 1, 0, False), (0, AT, False), (0, AT + 1, True)]
)
def test_a_hook_is_on_from_its_start_until_before_its_end(starts_at: int, ends_at: int, on: bool) -> None:
    assert Hook(CLIENT, 1, KIND, URL, starts_at, ends_at, AT).is_on(AT) is on
