"""What is wrong with an order: every limit of every member, and all faults of a body told at once."""

import shutil
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.clients.merchant_client import API, ORDER, codes, members
from tests.gateway import tools_on
from tests.surfaces.order_api.stall import Stall, stall_on
from tillway.commands.tools import Tools
from tillway.store.opening import open_store

pytestmark = pytest.mark.anyio

REQUIRED = ("amount", "currency", "recipientIban", "redirectUrl")
TEXTS = (
    "instructionId",
    "currency",
    "recipientIban",
    "recipientBankBic",
    "senderBankId",
    "senderIban",
    "variableSymbol",
    "constantSymbol",
    "specificSymbol",
    "senderEmail",
    "redirectUrl",
    "paymentMessage",
    "recipientName",
    "userLocale",
    "preferredBankCountryCode",
    "externalId",
)
BAD_ACCOUNTS = (
    "SK132465798132456",
    "SK3112000000198742637542",
    "SK0112000000198742637541",
    "XX3112000000198742637541",
    "SK31",
    "SK31-1200-0000-1987-4263-7541",
    "SK3112000000198742637541" + " " * 30,
    "ŠK3112000000198742637541",
    "\u0661" * 24,
)

NOTHINGS: tuple[object, ...] = (1, True, [], {})
NO_OBJECTS: tuple[object, ...] = ([], "{}", 1, {"a": "x" * 16_384})

BROKEN: tuple[tuple[str, object], ...] = (
    *(("amount", value) for value in (0, -1, Decimal("0.009"), 10_000_000_000, Decimal("9999999999.01"), "1.05", True)),
    *(("amount", Decimal(value)) for value in ("1.005", "0.011", "0.0100000001")),
    *(("currency", value) for value in ("EU", "EURO", "XXX", "XAU", "ZZZ", "€", "E R", "")),
    *((name, value) for name in ("recipientIban", "senderIban") for value in BAD_ACCOUNTS),
    *(("recipientBankBic", value) for value in ("TATR", "TATRSKB", "TATRXXBX", "TATRSKBX0", "T" * 60, "TÁTRSKBX")),
    ("senderBankId", "x" * 101),
    *(("variableSymbol", value) for value in ("12345678901", "12a", "-1", "1 ", "\u0661", 1)),
    *(("constantSymbol", value) for value in ("12345", "a", 308)),
    *(("specificSymbol", value) for value in ("12345678901", "a", 3)),
    *(("senderEmail", value) for value in ("a", "a@", "@b.c", "a b@c.d", "a@b..c", "a@" + "b." * 130 + "c")),
    *(
        ("redirectUrl", value)
        for value in (
            "",
            "shop",
            "/back",
            "ftp://shop.example",
            "https://shop",
            "https://shop.",
            "http://localhost:3000/x",
            "http://127.0.0.1",
            "https://me:secret@shop.example",
            "https://shop.example/a b",
            "https://shop.example\\x",
            "https://shop.example:99999",
            "javascript:alert(1)",
            "https://shop.example/back/" + "x" * 5000,
        )
        if value != "http://127.0.0.1"
    ),
    *((name, "x" * 141) for name in ("paymentMessage", "recipientName")),
    *((name, "x\u0001") for name in ("paymentMessage", "recipientName")),
    ("paymentMessage", "\uffff"),
    *(("userLocale", value) for value in ("xx", "slovak", "s")),
    *(("refundLimitPercentage", value) for value in (-1, Decimal("-0.01"), Decimal("0.001"), "100", 10_000_000_000)),
    *(("preferredBankCountryCode", value) for value in ("SK", "XXX", "SVKK", "703")),
    ("instructionId", "x" * 65),
    ("externalId", "x" * 256),
    *(("hookData", value) for value in NO_OBJECTS),
    *((name, value) for name in ("disableHooks", "isExternalPayment") for value in ("true", 1, 0)),
    *((name, value) for name in TEXTS for value in NOTHINGS),
)

FITTING: tuple[tuple[str, object], ...] = (
    ("instructionId", "x" * 64),
    ("instructionId", "č" * 64),
    ("externalId", "ž" * 255),
    ("variableSymbol", "0000000000"),
    ("constantSymbol", "0"),
    ("paymentMessage", "Žluťoučký kůň\n" * 10),
    ("recipientName", "x" * 140),
    ("refundLimitPercentage", 0),
    ("refundLimitPercentage", Decimal("33.33")),
    ("refundLimitPercentage", Decimal("150.5")),
    ("userLocale", "cs"),
    ("preferredBankCountryCode", "AUT"),
    ("hookData", {"a": "x" * 16_000}),
    ("hookData", {}),
    ("redirectUrl", "https://shop.example/back/" + "x" * 4970),
    ("redirectUrl", "https://THEBESTESHOPINTHEWORLD.com/x?a=b&c=d"),
)


@pytest.fixture(scope="module")
async def shared(
    anyio_backend: str, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stall]:
    """One stall for all bad bodies, none of which changes anything."""
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("stall") / "tillway.db")
    tools: Tools = tools_on(open_store(str(path)))
    async with stall_on(tools) as opened:
        yield opened
    await tools.committer.close()
    await tools.store.close()


@pytest.mark.parametrize(("member", "value"), BROKEN, ids=lambda value: str(value)[:30])
async def test_a_member_that_breaks_a_rule_is_named(shared: Stall, member: str, value: object) -> None:
    answer = await shared.shop.create(**{member: value})
    assert (answer.status, codes(answer)) == (422, ["REQUEST_VALIDATION_ERROR"]), answer
    assert members(answer) == [member]
    assert answer.body["errors"][0]["title"] == "The request is not valid."


@pytest.mark.parametrize(("member", "value"), FITTING, ids=lambda value: str(value)[:30])
async def test_the_last_value_that_fits_is_taken(shared: Stall, member: str, value: object) -> None:
    assert (await shared.shop.create(**{member: value})).status == 200


@pytest.mark.parametrize("member", REQUIRED)
@pytest.mark.parametrize("how", ["left out", "null"])
async def test_a_member_that_is_missing_is_named(shared: Stall, member: str, how: str) -> None:
    body = {**ORDER, member: None}
    if how == "left out":
        del body[member]
    answer = await shared.shop.call("POST", f"{API}/orders", body)
    assert (answer.status, codes(answer), members(answer)) == (400, ["REQUEST_VALIDATION_ERROR"], [member])


async def test_every_fault_has_an_entry_of_its_own(shared: Stall) -> None:
    answer = await shared.shop.create(amount=0, currency="E", recipientIban="x", userLocale="y")
    assert answer.status == 422
    assert sorted(members(answer)) == ["amount", "currency", "recipientIban", "userLocale"]
    mixed = await shared.shop.create(amount=0, recipientIban=None)
    assert (mixed.status, sorted(members(mixed))) == (400, ["amount", "recipientIban"])


async def test_a_payment_is_named_by_symbols_or_by_a_reference(shared: Stall) -> None:
    plain: dict[str, object] = {"variableSymbol": None, "constantSymbol": None, "specificSymbol": None}
    assert (await shared.shop.create(**plain, reference="a-zA-Z0-9/?:().,'+- ")).status == 200
    nameless = await shared.shop.create(**plain)
    assert (nameless.status, members(nameless)) == (400, ["reference"])
    assert members(await shared.shop.create(**{**plain, "constantSymbol": "0308"})) == ["reference"]
    for name in plain:
        both = await shared.shop.create(**{**plain, name: "1", "reference": "x"})
        assert (both.status, codes(both)) == (400, ["SYMBOLS_WITH_REFERENCE_NOT_ALLOWED"])
    for bad in ("x" * 36, "a_b", "ž", "a\nb", 1):
        assert members(await shared.shop.create(**plain, reference=bad)) == ["reference"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"1", b"null", b'"x"', b'{"amount": NaN}', b'{"a": 1, "a": 2}', b"\xff", b'{"a": "\\u0000"}'],
)
async def test_a_body_that_cannot_be_read_is_a_400(shared: Stall, body: bytes) -> None:
    answer = await shared.shop.call("POST", f"{API}/orders", body)
    assert (answer.status, set(codes(answer))) == (400, {"REQUEST_VALIDATION_ERROR"})


async def test_what_http_itself_forbids_is_told_in_the_envelope(shared: Stall) -> None:
    shop = shared.shop
    assert codes(await shop.call("GET", f"{API}/nothing")) == ["NOT_FOUND"]
    assert codes(await shop.call("PATCH", f"{API}/banks", {})) == ["METHOD_NOT_ALLOWED"]
    large = await shop.call("POST", f"{API}/orders", b" " * 70_000)
    assert (large.status, codes(large)) == (413, ["PAYLOAD_TOO_LARGE"])
    typed = await shop.call("POST", f"{API}/orders", ORDER, more={"content-type": "text/plain"})
    assert (typed.status, codes(typed)) == (415, ["UNSUPPORTED_MEDIA_TYPE"])


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "1"}, "amount"),
        ({"amount": Decimal("1.001")}, "amount"),
        ({"refundLimitPercentage": -1}, "refundLimitPercentage"),
        ({"refundLimitPercentage": Decimal("1.001")}, "refundLimitPercentage"),
    ],
)
async def test_a_bad_change_is_told(shared: Stall, change: dict[str, object], member: str) -> None:
    order = await shared.opened()
    answer = await shared.shop.call("PATCH", f"{API}/orders/{order['id']}", change)
    assert (answer.status, members(answer)) == (422, [member])


async def test_payers_come_back_to_loopback_in_a_sandbox_only(stall: Stall, tools: Tools) -> None:
    url = "http://localhost:3000/back"
    assert members(await stall.shop.create(redirectUrl=url)) == ["redirectUrl"]
    async with stall_on(tools, loopback=True) as sandbox:
        assert (await sandbox.shop.create(redirectUrl=url)).status == 200
        assert codes(await sandbox.shop.create(redirectUrl="http://127.0.0.1/back")) == ["REDIRECT_URL_NOT_ALLOWED"]
        assert members(await sandbox.shop.create(redirectUrl="http://shop/back")) == ["redirectUrl"]
