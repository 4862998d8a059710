"""What the connector asks of banks, and what it makes of the standard's answers."""

import base64
import hashlib
import json
import re
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.connectors.berlin.certificates import certificate
from tests.connectors.berlin.far import HOME, JOURNEY, transfer
from tests.connectors.berlin.scripted import PAGES, PAYMENT, PRODUCT, ScriptedBank, scripted
from tillway.connectors.berlin.connector import BerlinConnector
from tillway.connectors.berlin.messages import amount_text
from tillway.connectors.berlin.reading import REASONS, STANDINGS, Standing
from tillway.connectors.berlin.seal import SealRefused, seal_of
from tillway.connectors.protocol import Operation, StepKind
from tillway.domain.outcomes import Confirmed, Declined, Outcome, Paid, Pending
from tillway.domain.reasons import Reason

pytestmark = pytest.mark.anyio

ID = "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001-1"
OPERATION = Operation(ID, "", 123_50, "EUR", "bank", journey=JOURNEY, transfer=transfer("bank"))
KNOWN = replace(OPERATION, reference="pmt-7f31b2", journey=None)
PAGE = f"{PAGES}/authorise/7f31b2"
REF = "pmt-7f31b2"
DEBTOR = "AT611904300234573201"

Pair = tuple[BerlinConnector, ScriptedBank]


@pytest.fixture
async def pair(anyio_backend: str) -> AsyncIterator[Pair]:
    async with scripted() as made:
        yield made


async def test_a_payment_is_initiated_as_the_standard_has_it(pair: Pair) -> None:
    connector, bank = pair
    bank.says("POST", PRODUCT, "initiated-redirect", 201)
    assert await connector.begin(OPERATION) == Pending(REF, PAGE)
    (asked,) = bank.asked
    assert json.loads(asked.body) == {
        "endToEndIdentification": "019a9f1e7c1a7b528f6e2f1d3c4b5001",
        "instructedAmount": {"currency": "EUR", "amount": "123.50"},
        "creditorAccount": {"iban": "SK3112000000198742637541"},
        "creditorName": "Obchod, s. r. o.",
        "remittanceInformationUnstructured": "/VS0012345678/KS0308 Dakujeme",
    }
    told = {name: asked.headers[name] for name in asked.headers if name.startswith(("psu-", "tpp-"))}
    assert told == {
        "psu-ip-address": "203.0.113.7",
        "psu-user-agent": "Browser",
        "psu-accept-language": "sk",
        "tpp-redirect-uri": JOURNEY.return_url,
        "tpp-nok-redirect-uri": JOURNEY.return_url,
        "tpp-redirect-preferred": "true",
    }


async def test_the_same_payment_is_asked_for_under_the_same_request_id_and_in_the_same_bytes(pair: Pair) -> None:
    connector, bank = pair
    bank.says("POST", PRODUCT, "initiated-redirect", 201)
    await connector.begin(OPERATION)
    await connector.look_up(replace(OPERATION, journey=None))
    await connector.begin(replace(OPERATION, id=ID[:-1] + "2"))
    first, again, other = (asked for asked in bank.asked if asked.method == "POST")
    assert first.headers["x-request-id"] == again.headers["x-request-id"] != other.headers["x-request-id"]
    assert uuid.UUID(first.headers["x-request-id"]).version == 5
    assert first.body == again.body
    assert (again.headers["psu-ip-address"], again.headers["tpp-redirect-uri"]) == ("127.0.0.1", HOME)


@pytest.mark.parametrize(
    ("change", "member", "expected"),
    [
        ({"reference": "Invoice 7"}, "remittanceInformationUnstructured", "Invoice 7 Dakujeme"),
        ({"reference": "Ł\N{EN DASH}ß", "message": ""}, "remittanceInformationUnstructured", "L-ss"),
        ({"message": "x" * 300}, "remittanceInformationUnstructured", "x" * 140),
        ({"message": ""}, "remittanceInformationUnstructured", None),
        ({"creditor_name": "Žltý kôň & syn_ovia"}, "creditorName", "Zlty kon + syn-ovia"),
        ({"creditor_name": "商店"}, "creditorName", "NOTPROVIDED"),
        ({"creditor_bic": "TATRSKBX"}, "creditorAgent", "TATRSKBX"),
        ({"debtor_iban": DEBTOR}, "debtorAccount", {"iban": DEBTOR}),
        (
            {"variable_symbol": "1", "specific_symbol": "2", "constant_symbol": "3", "message": ""},
            "remittanceInformationUnstructured",
            "/VS1/SS2/KS3",
        ),
    ],
)
async def test_what_the_bank_is_told(pair: Pair, change: dict[str, str], member: str, expected: object) -> None:
    connector, bank = pair
    plain = replace(transfer("bank"), variable_symbol="", constant_symbol="")
    await connector.begin(replace(OPERATION, transfer=replace(plain, **change)))
    assert json.loads(bank.asked[0].body).get(member) == expected


@pytest.mark.parametrize(
    ("minor", "currency", "text"), [(1, "EUR", "0.01"), (100, "EUR", "1.00"), (500, "JPY", "500"), (1, "KWD", "0.001")]
)
def test_amounts_are_exact_in_every_currency(minor: int, currency: str, text: str) -> None:
    assert amount_text(minor, currency) == text


@pytest.mark.parametrize("word", STANDINGS)
@pytest.mark.parametrize("sca", ["", "received", "psuAuthenticated", "started", "finalised", "exempted", "failed"])
async def test_every_status_means_what_the_table_says(pair: Pair, word: str, sca: str) -> None:
    connector, bank = pair
    bank.stands(word, sca)
    bank.says("GET", PAYMENT, "payment")
    bank.says("DELETE", PAYMENT, b"", 204)
    expected: dict[Standing, Outcome] = {
        Standing.SETTLED: Paid(REF, debtor_iban=DEBTOR),
        Standing.PROMISED: Confirmed(REF, DEBTOR) if sca in ("finalised", "exempted") else Pending(REF),
        Standing.REFUSED: Declined(Reason.DECLINED, REF),
        Standing.CANCELLED: Declined(Reason.CANCELLED, REF),
        Standing.WAITING: Pending(REF),
    }
    if sca == "failed":
        expected |= {
            Standing.PROMISED: Declined(Reason.PAYER_CANCELLED, REF),
            Standing.REFUSED: Declined(Reason.AUTHENTICATION_ABANDONED, REF),
            Standing.CANCELLED: Declined(Reason.PAYER_CANCELLED, REF),
            Standing.WAITING: Declined(Reason.PAYER_CANCELLED, REF),
        }
    assert await connector.look_up(KNOWN) == expected[STANDINGS[word]]


@pytest.mark.parametrize(
    "body",
    [b"{}", b'{"transactionStatus": "PART"}', b'{"transactionStatus": 7}', b"[]", b"", b"no", b'{"transactionStatus":'],
)
async def test_what_is_not_a_known_status_says_nothing(pair: Pair, body: bytes) -> None:
    connector, bank = pair
    bank.says("GET", f"{PAYMENT}/status", body)
    assert await connector.look_up(KNOWN) == Pending()


@pytest.mark.parametrize("code", REASONS)
async def test_every_reason_is_told_in_a_word_of_ours(pair: Pair, code: str) -> None:
    connector, bank = pair
    told = {"transactionStatus": "RJCT", "tppMessages": [{"category": "ERROR", "code": code}]}
    bank.says("GET", f"{PAYMENT}/status", json.dumps(told).encode())
    assert await connector.look_up(KNOWN) == Declined(REASONS[code], REF)
    bank.says("GET", f"{PAYMENT}/status", json.dumps({"transactionStatus": "CANC", "reasonCode": code}).encode())
    assert await connector.look_up(KNOWN) == Declined(REASONS[code], REF)


async def test_a_rejection_is_read_past_its_warnings(pair: Pair) -> None:
    connector, bank = pair
    bank.says("GET", f"{PAYMENT}/status", "rejected")
    assert await connector.look_up(KNOWN) == Declined(Reason.INSUFFICIENT_FUNDS, REF)


@pytest.mark.parametrize(
    ("example", "status", "outcome"),
    [
        ("refused", 400, Declined(Reason.DECLINED)),
        ("certificate-refused", 401, Pending()),
        ("refused", 500, Pending()),
        ("refused", 302, Pending()),
    ],
)
async def test_only_a_payment_that_is_refused_itself_is_declined(
    pair: Pair, example: str, status: int, outcome: Outcome
) -> None:
    connector, bank = pair
    bank.says("POST", PRODUCT, example, status)
    assert await connector.begin(OPERATION) == outcome


async def test_a_bank_that_wants_an_authorisation_begun_is_asked_for_its_page(pair: Pair) -> None:
    connector, bank = pair
    bank.says("POST", PRODUCT, "initiated-explicit", 201)
    bank.says("POST", f"{PAYMENT}/authorisations", "authorisation-redirect", 201)
    assert await connector.begin(OPERATION) == Pending(REF, PAGE)


@pytest.mark.parametrize("page", ["https://elsewhere.example/", f"{PAGES}.evil.example/", "javascript:alert(1)", "//x"])
async def test_payers_are_sent_to_the_banks_own_pages_only(pair: Pair, page: str) -> None:
    connector, bank = pair
    told = {"transactionStatus": "RCVD", "paymentId": REF, "_links": {"scaRedirect": {"href": page}}}
    bank.says("POST", PRODUCT, json.dumps(told).encode(), 201)
    assert await connector.begin(OPERATION) == Pending(REF)


@pytest.mark.parametrize("identity", ["", " ", "x" * 71, 7, None, "a\u00e9", {"a": 1}])
async def test_an_id_that_cannot_be_asked_for_again_is_none(pair: Pair, identity: object) -> None:
    connector, bank = pair
    bank.says("POST", PRODUCT, json.dumps({"transactionStatus": "RCVD", "paymentId": identity}).encode(), 201)
    assert await connector.begin(OPERATION) == Pending()


async def test_an_id_with_marks_stays_within_its_path(pair: Pair) -> None:
    connector, bank = pair
    await connector.look_up(replace(KNOWN, reference="../../a?b#c"))
    assert bank.asked[0].path == f"{PRODUCT}/../../a?b#c/status"


@pytest.mark.parametrize(
    ("status", "stands", "outcome"),
    [
        (204, "RCVD", Paid()),
        (202, "RCVD", Pending()),
        (405, "ACSC", Declined(Reason.TAKEN)),
        (405, "ACSP", Pending()),
        (405, "CANC", Paid()),
        (405, "RJCT", Paid()),
        (500, "RCVD", Pending()),
    ],
)
async def test_a_reversal_cancels_and_a_refusal_is_asked_after(
    pair: Pair, status: int, stands: str, outcome: Outcome
) -> None:
    connector, bank = pair
    bank.stands(stands)
    bank.says("DELETE", PAYMENT, b"" if status == 204 else b"{}", status)
    assert await connector.reverse(KNOWN) == outcome


async def test_a_bank_that_is_none_of_ours_is_never_asked(pair: Pair) -> None:
    connector, bank = pair
    for other in (replace(OPERATION, transfer=transfer("other")), replace(OPERATION, transfer=None)):
        calls: tuple[Callable[[Operation], object], ...] = (connector.begin, connector.look_up, connector.reverse)
        for call in calls:
            assert await call(other) == Pending()  # type: ignore[misc]
        assert (await connector.authorise(other, {})).kind is StepKind.NEXT
    assert bank.asked == []


async def test_an_aggregators_header_fields_go_with_every_request() -> None:
    async with scripted(headers={"Authorization": "Bearer secret-7"}) as (connector, bank):
        await connector.begin(OPERATION)
        await connector.look_up(KNOWN)
    assert {asked.headers["authorization"] for asked in bank.asked} == {"Bearer secret-7"}
    assert "secret-7" not in repr(connector._banks)  # pyright: ignore[reportPrivateUsage]


async def test_a_request_is_sealed_so_that_the_bank_can_check_it() -> None:
    made = certificate("Tillway Seal")
    async with scripted(seal_of(made.pem, made.key_pem)) as (connector, bank):
        await connector.begin(OPERATION)
    (asked,) = bank.asked
    digest = base64.b64encode(hashlib.sha256(asked.body).digest()).decode()
    assert asked.headers["digest"] == f"SHA-256={digest}"
    parts = dict(re.findall(r'(\w+)="([^"]*)"', asked.headers["signature"]))
    assert parts["algorithm"] == "rsa-sha256"
    assert {"digest", "x-request-id", "date", "tpp-redirect-uri"} <= set(parts["headers"].split())
    text = "\n".join(f"{name}: {asked.headers[name]}" for name in parts["headers"].split())
    key = made.key.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(parts["signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_seal_needs_a_certificate_and_the_key_of_it() -> None:
    one, other = certificate("One"), certificate("Other")
    for pem, key in ((b"", b""), (one.pem, b"no"), (one.pem, other.key_pem)):
        with pytest.raises(SealRefused):
            seal_of(pem, key)
    assert "PRIVATE" not in repr(seal_of(one.pem, one.key_pem))


@pytest.mark.parametrize(
    ("example", "approach", "kind", "names", "description"),
    [
        ("authorisation-methods", "EMBEDDED", StepKind.INPUT, ["authenticationMethodId"], ""),
        ("authorisation-code", "EMBEDDED", StepKind.INPUT, ["scaAuthenticationData"], "Sent to **** 4711"),
        ("authorisation-decoupled", "DECOUPLED", StepKind.PUSH, [], "Please use your banking app to agree."),
        ("authorisation-redirect", "REDIRECT", StepKind.REDIRECT, [], ""),
        ("sca-finalised", "EMBEDDED", StepKind.NEXT, [], ""),
        ("sca-received", "EMBEDDED", StepKind.NEXT, [], ""),
    ],
)
async def test_an_authorisation_leads_on_by_its_links(
    pair: Pair, example: str, approach: str, kind: StepKind, names: list[str], description: str
) -> None:
    connector, bank = pair
    bank.approach = approach
    bank.says("GET", f"{PAYMENT}/authorisations", b'{"authorisationIds": []}')
    bank.says("POST", PRODUCT, "initiated-explicit", 201)
    bank.says("POST", f"{PAYMENT}/authorisations", example, 201)
    step = await connector.authorise(KNOWN, {})
    assert (step.kind, [asked.name for asked in step.inputs], step.description) == (kind, names, description)
    if names == ["authenticationMethodId"]:
        assert step.inputs[0].options == (("m1", "Text message to **** 4711"), ("m2", "PHOTO_OTP"))


async def test_an_approach_without_a_page_leaves_the_payer_with_us(pair: Pair) -> None:
    connector, bank = pair
    bank.approach = "EMBEDDED"
    bank.says("POST", PRODUCT, "initiated-explicit", 201)
    assert await connector.begin(OPERATION) == Pending(REF)
    assert [asked.method for asked in bank.asked] == ["POST"]
