"""Creating payments: every member of the request, its bounds, and what becomes of it."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest

from tests.clients.till import Till
from tests.shop import Shop

pytestmark = pytest.mark.anyio


def iso(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def test_an_api_payment_needs_an_amount_only(till: Till) -> None:
    answer = await till.call("POST", "/v1/payments", {"amount": 250, "accessMode": "api"})
    assert answer.status == 200
    assert answer.body.keys() == {"paymentId", "url"}
    verified = (await till.verify(answer.body["paymentId"])).body
    assert verified.keys() == {
        "paymentId",
        "status",
        "reference",
        "paymentTotal",
        "paidAmount",
        "refundedAmount",
        "currency",
        "cards",
        "metadata",
        "createdOn",
        "completedOn",
        "expiresOn",
    }
    assert verified | {"createdOn": 0, "expiresOn": 0} == {
        "paymentId": answer.body["paymentId"],
        "status": "created",
        "reference": "",
        "paymentTotal": 250,
        "paidAmount": 0,
        "refundedAmount": 0,
        "currency": "NOK",
        "cards": [],
        "metadata": {},
        "createdOn": 0,
        "completedOn": None,
        "expiresOn": 0,
    }


async def test_the_link_leads_to_a_page_of_this_gateway_and_names_no_secret(shop: Shop, till: Till) -> None:
    answer = await till.create(250)
    assert answer.body["url"].startswith(f"{shop.server.url}/pay/")
    assert till.secret not in answer.text


async def test_without_an_access_mode_a_payment_is_for_the_page_and_needs_a_return_url(till: Till) -> None:
    assert (await till.call("POST", "/v1/payments", {"amount": 250})).error == 950
    asked = {"amount": 250, "returnUrl": "http://localhost:8000/done?order=7"}
    assert (await till.call("POST", "/v1/payments", asked)).status == 200


async def test_what_was_given_is_echoed(till: Till) -> None:
    metadata = {"store": "Oslo S", "empty": "", "æøå": "🎁"}
    payment = await till.open(250, reference="kvittering 1042 æøå", metadata=metadata)
    verified = (await till.verify(payment)).body
    assert verified["reference"] == "kvittering 1042 æøå"
    assert verified["metadata"] == metadata


async def test_unknown_members_are_ignored(till: Till) -> None:
    assert (await till.create(250, somethingElse={"a": [1]})).status == 200


async def test_null_stands_for_an_optional_member_that_is_not_there(till: Till) -> None:
    names = ("reference", "returnUrl", "webhookUrl", "language", "expiresOn", "metadata", "currency")
    assert (await till.create(250, **dict.fromkeys(names))).status == 200


@pytest.mark.parametrize("amount", [None, "", "250", [250], {"value": 250}, True, False, 0, 0.0, -1, -0.01])
async def test_an_amount_is_a_number_above_zero(till: Till, amount: object) -> None:
    assert (await till.create(amount)).error == 950


async def test_an_amount_must_be_there(till: Till) -> None:
    refused = await till.call("POST", "/v1/payments", {"accessMode": "api"})
    assert refused.body == {"error": 950, "message": "amount: Field required"}


@pytest.mark.parametrize("mode", ["API", "page", "", 1, ["api"]])
async def test_an_access_mode_is_web_or_api(till: Till, mode: object) -> None:
    assert (await till.create(250, accessMode=mode)).error == 950


@pytest.mark.parametrize(("reference", "is_fine"), [("", True), ("r" * 255, True), ("r" * 256, False), (7, False)])
async def test_a_reference_has_at_most_255_characters(till: Till, reference: object, *, is_fine: bool) -> None:
    assert (await till.create(250, reference=reference)).error == (None if is_fine else 950)


@pytest.mark.parametrize(("currency", "is_fine"), [("NOK", True), ("SEK", False), ("nok", False), ("", False)])
async def test_a_currency_must_be_the_clients(till: Till, currency: str, *, is_fine: bool) -> None:
    assert (await till.create(250, currency=currency)).error == (None if is_fine else 950)


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/done",
        "https://localhost:8443/done?a=1&b=%20#part",
        "http://127.0.0.1:3000",
        "https://shop.example/æøå",
        "HTTPS://SHOP.EXAMPLE/done",
    ],
)
@pytest.mark.parametrize("mode", ["api", "web"])
async def test_a_return_url_to_a_host_of_the_list_is_fine(till: Till, url: str, mode: str) -> None:
    assert (await till.create(250, accessMode=mode, returnUrl=url)).error is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/done",
        "done",
        "//localhost/done",
        "ftp://localhost/done",
        "javascript:alert(1)",
        "http:///done",
        "http://",
        "https://elsewhere.example/done",
        "https://shop.example.elsewhere.example/",
        "https://elsewhere.example/?shop.example",
        "https://elsewhere.example#shop.example",
        "https://elsewhere.example\\@shop.example/",
        "https://shop.example@elsewhere.example/",
        "https://user:secret@shop.example/",
        "https://sub.shop.example/",
        "https://shop.example.:443/",
        "http://localhost:99999/",
        "http://local host/",
        "http://localhost/\r\nset-cookie: a=b",
        "http://localhost/\t",
        "http://[::1",
        "http://localhost/" + "a" * 2000,
        7,
    ],
)
@pytest.mark.parametrize("mode", ["api", "web"])
async def test_any_other_return_url_is_refused(till: Till, url: object, mode: str) -> None:
    assert (await till.create(250, accessMode=mode, returnUrl=url)).error == 950


@pytest.mark.parametrize(
    "url", ["https://shop.example/hooks", "http://127.0.0.1:9/hooks", "https://shop.example:8443/a?b=c"]
)
async def test_a_webhook_url_is_https_and_in_the_sandbox_http_too(till: Till, url: str) -> None:
    assert (await till.create(250, webhookUrl=url)).error is None


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example/hooks",
        "ftp://shop.example/",
        "https://",
        "https://user:secret@shop.example/",
        "https://shop.example/a b",
        "https://shop.example/\0",
        "https://shop.example/" + "a" * 2000,
        ["https://shop.example/"],
    ],
)
async def test_any_other_webhook_url_is_refused(till: Till, url: object) -> None:
    assert (await till.create(250, webhookUrl=url)).error == 950


@pytest.mark.parametrize("language", ["nb", "en", "nb-NO", "zh-Hant-TW", "fil"])
async def test_a_language_is_a_tag(till: Till, language: str) -> None:
    assert (await till.create(250, language=language)).error is None


@pytest.mark.parametrize("language", ["", "n", "norwegian", "nb_NO", "nb NO", "../nb", "n" * 40, 7])
async def test_any_other_language_is_refused(till: Till, language: object) -> None:
    assert (await till.create(250, language=language)).error == 950


async def test_a_payment_expires_in_a_day_unless_it_says_when(till: Till) -> None:
    verified = (await till.verify(await till.open(250))).body
    life = datetime.fromisoformat(verified["expiresOn"]) - datetime.fromisoformat(verified["createdOn"])
    assert timedelta() <= timedelta(days=1) - life < timedelta(seconds=1)
    payment = await till.open(250, expiresOn="2027-01-02T03:04:05.678+02:00")
    assert (await till.verify(payment)).body["expiresOn"] == "2027-01-02T01:04:05.678Z"


async def test_an_expiry_is_in_the_future_and_at_most_a_year_ahead(till: Till) -> None:
    now = datetime.now(UTC)
    for ahead, error in ((timedelta(days=365), None), (timedelta(days=367), 950), (timedelta(seconds=-1), 950)):
        assert (await till.create(250, expiresOn=iso(now + ahead))).error == error


@pytest.mark.parametrize(
    "moment", ["", "tomorrow", "2027-01-02", "2027-01-02T03:04:05", "2027-13-02T03:04:05Z", 1_800_000_000, "9" * 100]
)
async def test_an_expiry_is_a_moment_with_its_zone(till: Till, moment: object) -> None:
    assert (await till.create(250, expiresOn=moment)).error == 950


@pytest.mark.parametrize(
    ("metadata", "is_fine"),
    [
        ({}, True),
        ({f"name {number}": "text" for number in range(20)}, True),
        ({f"name {number}": "text" for number in range(21)}, False),
        ({"n" * 64: "t" * 500}, True),
        ({"n" * 65: "text"}, False),
        ({"name": "t" * 501}, False),
        ({"": "text"}, False),
        ({"name": 7}, False),
        ({"name": None}, False),
        ({"name": {"name": "text"}}, False),
        ([], False),
        ("text", False),
    ],
)
async def test_metadata_are_at_most_twenty_texts(till: Till, metadata: object, *, is_fine: bool) -> None:
    assert (await till.create(250, metadata=metadata)).error == (None if is_fine else 950)


async def test_every_fault_is_named_at_once(till: Till) -> None:
    refused = await till.call("POST", "/v1/payments", {"amount": "1", "reference": 7, "metadata": {"a": 1}})
    assert refused.error == 950
    assert all(name in refused.body["message"] for name in ("amount", "reference", "metadata.a"))


async def test_ids_cannot_be_guessed_from_one_another(till: Till) -> None:
    ids = [await till.open(1) for _ in range(20)]
    assert len(set(ids)) == len(ids)
    assert len({one[19:33] for one in ids}) == len(ids)
    assert all(urlsplit(f"//{one}").netloc == one for one in ids)
