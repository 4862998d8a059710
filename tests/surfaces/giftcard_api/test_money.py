"""Money on the wire: exact numbers in the major unit, more decimals refused and never rounded."""

import pytest

from tests.clients.till import Till, card
from tests.shop import Shop

pytestmark = pytest.mark.anyio


async def created(till: Till, amount: str) -> tuple[int, str]:
    """Create with an amount written just so; answer the status, and the total as verify writes it."""
    answer = await till.call("POST", "/v1/payments", b'{"accessMode":"api","amount":%b}' % amount.encode())
    if answer.status != 200:
        return answer.status, answer.text
    verified = await till.verify(answer.body["paymentId"])
    return 200, verified.text.partition('"paymentTotal":')[2].partition(",")[0]


@pytest.mark.parametrize(
    ("written", "total"),
    [
        ("250", "250"),
        ("250.5", "250.5"),
        ("250.50", "250.5"),
        ("250.000000", "250"),
        ("0.01", "0.01"),
        ("0.1", "0.1"),
        ("1e2", "100"),
        ("1E+2", "100"),
        ("2.505e2", "250.5"),
        ("25050e-2", "250.5"),
        ("1234567.89", "1234567.89"),
        ("9999999999.99", "9999999999.99"),
        ("0.29", "0.29"),
        ("1.15", "1.15"),
    ],
)
async def test_an_amount_is_taken_exactly_as_it_was_written(till: Till, written: str, total: str) -> None:
    assert await created(till, written) == (200, total)


@pytest.mark.parametrize(
    "written",
    [
        "250.505",
        "0.001",
        "0.005",
        "1e-3",
        "1e-18",
        "1e-300",
        "0",
        "0.0",
        "0e5",
        "-0",
        "-1",
        "-0.01",
        "1e300",
        "1e18",
        "1e10",
        "10000000000",
        "9999999999.999",
        "999999999999999999",
        "9" * 5000,
        "0." + "0" * 5000 + "1",
        "1e" + "9" * 5000,
        "NaN",
        "Infinity",
        "-Infinity",
        "nan",
        '"250"',
        '"250.50"',
        "true",
        "null",
        "[250]",
        "{}",
        "+5",
        ".5",
        "5.",
        "05",
        "0x10",
        "1_000",
        "1,5",
        "1e",
        "٢٥٠",
    ],
)
async def test_anything_else_is_refused_and_nothing_is_created(shop: Shop, till: Till, written: str) -> None:
    before = await shop.state_of_books()
    status, text = await created(till, written)
    assert status == 400
    assert text.startswith('{"error":950,')
    assert await shop.state_of_books() == before


@pytest.mark.parametrize(("written", "error"), [("100.505", 950), ("-1", 950), ("1e300", 950), ("0", 950)])
async def test_the_same_holds_for_what_a_card_is_to_give_and_for_refunds(
    shop: Shop, till: Till, written: str, error: int
) -> None:
    gift = await shop.card(500_00)
    payment = await till.open(250)
    body = b'{"cardNumber":"%b","amount":%b}' % (gift.number.encode(), written.encode())
    assert (await till.call("POST", f"/v1/payments/{payment}/perform", body)).error == error
    await till.perform(payment, card(gift.number))
    body = b'{"amount":%b}' % written.encode()
    assert (await till.call("POST", f"/v1/payments/{payment}/refunds", body)).error == error
    assert (await shop.books(gift.number)).balance == 250_00


async def test_many_small_parts_add_up_without_a_hair_of_difference(shop: Shop, till: Till) -> None:
    gifts = await shop.cards(*[10] * 10)
    performed = await till.perform(await till.open(1), *[card(gift.number, 0.1) for gift in gifts])
    assert '"paidAmount":1,' in performed.text
    assert performed.text.count('"deductedAmount":0.1,') == 10


async def test_a_balance_is_written_exactly(shop: Shop, till: Till) -> None:
    gift = await shop.card(1_000_000_00 - 1)
    assert '"balance":999999.99,' in (await till.balance(gift.number)).text
