"""The pretend banks answer as the standard has it: also what is wrong, in its own messages."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import msgspec
import pytest

from tests.connectors.berlin.far import CREDITOR, banks_beside
from tillway.commands.tools import Tools
from tillway.domain.pretended_banks import accounts_of
from tillway.surfaces.sandbox.banks.answers import PREFIX

pytestmark = pytest.mark.anyio

SEPA = "sepa-credit-transfers"
BODY: dict[str, Any] = {
    "instructedAmount": {"currency": "EUR", "amount": "123.50"},
    "creditorAccount": {"iban": CREDITOR},
    "creditorName": "Obchod",
}
HEADERS = {"PSU-IP-Address": "203.0.113.7", "TPP-Redirect-URI": "https://gateway.example/back"}


@dataclass
class Caller:
    """Someone who asks the pretend banks directly."""

    session: aiohttp.ClientSession
    url: str

    async def ask(
        self, method: str, path: str, body: object = None, **headers: str | None
    ) -> tuple[int, Any, aiohttp.ClientResponse]:
        """Status, members and the rest of an answer; a header that is None is left out."""
        sent = {"X-Request-ID": str(uuid.uuid4()), "Content-Type": "application/json", **HEADERS}
        sent |= {name.replace("_", "-"): text for name, text in headers.items() if text is not None}
        sent = {name: text for name, text in sent.items() if headers.get(name.replace("-", "_"), "") is not None}
        data = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        async with self.session.request(method, f"{self.url}{PREFIX}/{path}", data=data, headers=sent) as answer:
            text = await answer.read()
            return answer.status, msgspec.json.decode(text) if text else None, answer

    async def made(self, bank: str = "karpatska", **headers: str | None) -> str:
        """The path of a fresh payment."""
        status, told, _ = await self.ask("POST", f"{bank}/v1/payments/{SEPA}", BODY, **headers)
        assert status == 201, told
        return f"{bank}/v1/payments/{SEPA}/{told['paymentId']}"


@pytest.fixture
async def caller(tools: Tools) -> AsyncIterator[Caller]:
    async with banks_beside(tools) as (url, _), aiohttp.ClientSession() as session:
        yield Caller(session, url)


def code_in(told: Any) -> str:
    """The code of its only message."""
    (message,) = told["tppMessages"]
    assert message["category"] == "ERROR"
    assert message["text"]
    return message["code"]


async def test_a_payment_is_made_once_for_each_request_id(caller: Caller) -> None:
    request = str(uuid.uuid4())
    first = await caller.made(X_Request_ID=request)
    assert await caller.made(X_Request_ID=request.upper()) == first
    assert await caller.made() != first
    assert await caller.made("donau", X_Request_ID=request) != first.replace("karpatska", "donau")


async def test_an_answer_has_what_the_standard_wants(caller: Caller) -> None:
    request = str(uuid.uuid4())
    status, told, answer = await caller.ask("POST", f"karpatska/v1/payments/{SEPA}", BODY, X_Request_ID=request)
    assert (status, told["transactionStatus"]) == (201, "RCVD")
    assert set(told["_links"]) == {"self", "status", "scaRedirect", "scaStatus"}
    assert answer.headers["X-Request-ID"] == request
    assert answer.headers["ASPSP-SCA-Approach"] == "REDIRECT"
    assert answer.headers["Location"] == told["_links"]["self"]["href"]
    path = told["_links"]["self"]["href"].removeprefix(f"{PREFIX}/")
    status, told, _ = await caller.ask("GET", path)
    assert told["instructedAmount"] == BODY["instructedAmount"]
    assert "debtorAccount" not in told


@pytest.mark.parametrize(
    ("change", "headers", "status", "code"),
    [
        ({}, {"X_Request_ID": "no-uuid"}, 400, "FORMAT_ERROR"),
        ({}, {"PSU_IP_Address": None}, 400, "FORMAT_ERROR"),
        ({}, {"TPP_Redirect_URI": None}, 400, "FORMAT_ERROR"),
        ({"creditorAccount": {"iban": "SK00"}}, {}, 400, "FORMAT_ERROR"),
        ({"creditorAgent": "X"}, {}, 400, "FORMAT_ERROR"),
        ({"creditorName": "x" * 71}, {}, 400, "FORMAT_ERROR"),
        ({"remittanceInformationUnstructured": "x" * 141}, {}, 400, "FORMAT_ERROR"),
        ({"endToEndIdentification": "x" * 36}, {}, 400, "FORMAT_ERROR"),
        ({"instructedAmount": {"currency": "EUR", "amount": 1}}, {}, 400, "FORMAT_ERROR"),
        ({"instructedAmount": {"currency": "EUR", "amount": "0.00"}}, {}, 400, "FORMAT_ERROR"),
        ({"instructedAmount": {"currency": "EUR", "amount": "1.005"}}, {}, 400, "FORMAT_ERROR"),
        ({"instructedAmount": {"currency": "EUR", "amount": "1e3"}}, {}, 400, "FORMAT_ERROR"),
        ({"instructedAmount": {"currency": "XXQ", "amount": "1"}}, {}, 400, "FORMAT_ERROR"),
        ({"instructedAmount": {"currency": "CZK", "amount": "1"}}, {}, 400, "FORMAT_ERROR"),
        ({"instructedAmount": {"currency": "EUR", "amount": "9" * 14}}, {}, 400, "FORMAT_ERROR"),
    ],
)
async def test_what_is_not_a_payment_is_refused_in_the_standards_messages(
    caller: Caller, change: dict[str, Any], headers: dict[str, str | None], status: int, code: str
) -> None:
    got, told, _ = await caller.ask("POST", f"karpatska/v1/payments/{SEPA}", BODY | change, **headers)
    assert (got, code_in(told)) == (status, code)


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"\xff", b"{" * 10_000, b'{"a": "' + b"x" * 70_000 + b'"}'])
async def test_what_cannot_be_read_is_refused_too(caller: Caller, body: bytes) -> None:
    status, told, _ = await caller.ask("POST", f"karpatska/v1/payments/{SEPA}", body)
    assert status in (400, 413)
    assert code_in(told) == "FORMAT_ERROR"


@pytest.mark.parametrize(
    "path", ["nowhere/v1/payments/" + SEPA, "karpatska/v1/payments/cash", "elbe/v1/payments/" + SEPA]
)
async def test_a_bank_has_its_own_products_only(caller: Caller, path: str) -> None:
    status, told, _ = await caller.ask("POST", path, BODY)
    assert (status, code_in(told)) == (404, "PRODUCT_UNKNOWN")


async def test_a_payment_is_found_at_its_own_bank_and_product_only(caller: Caller) -> None:
    path = await caller.made()
    for other in (path.replace("karpatska", "donau"), path.replace(SEPA, "cz"), path[:-1] + "_", f"{path}/none"):
        for method in ("GET", "DELETE"):
            status, told, _ = await caller.ask(method, other)
            assert (status, code_in(told)) == (404, "RESOURCE_UNKNOWN")
    status, told, _ = await caller.ask("GET", f"{path}/authorisations/other")
    assert (status, code_in(told)) == (404, "RESOURCE_UNKNOWN")
    status, told, _ = await caller.ask("PATCH", path)
    assert (status, code_in(told)) == (405, "SERVICE_INVALID")


async def test_a_payment_is_cancelled_as_often_as_somebody_asks(caller: Caller) -> None:
    path = await caller.made()
    for _ in range(2):
        status, told, answer = await caller.ask("DELETE", path)
        assert (status, told) == (204, None)
        assert answer.headers["X-Request-ID"]
    assert (await caller.ask("GET", f"{path}/status"))[1] == {"transactionStatus": "CANC"}


async def test_a_bank_that_wants_the_account_is_told_it(caller: Caller) -> None:
    status, told, _ = await caller.ask("POST", f"wislany/v1/payments/{SEPA}", BODY)
    assert (status, code_in(told)) == (400, "FORMAT_ERROR")
    debtor = {"debtorAccount": {"iban": accounts_of("wislany")[0].iban}}
    assert (await caller.ask("POST", f"wislany/v1/payments/{SEPA}", BODY | debtor))[0] == 201


@pytest.mark.parametrize(
    ("user", "password"), [(None, "1234"), ("nobody", "1234"), ("books", "4321"), ("books", ""), ("\u00e9", "1234")]
)
async def test_an_embedded_authorisation_begins_with_the_right_words_only(
    caller: Caller, user: str | None, password: str
) -> None:
    path = await caller.made("rheinspar")
    asked = {"psuData": {"password": password}}
    status, told, _ = await caller.ask("POST", f"{path}/authorisations", asked, PSU_ID=user)
    assert (status, code_in(told)) == (401, "PSU_CREDENTIALS_INVALID")
    assert (await caller.ask("GET", f"{path}/authorisations"))[1] == {"authorisationIds": []}


async def test_an_unknown_way_of_authentication_is_refused(caller: Caller) -> None:
    path = await caller.made("rheinspar")
    asked = {"psuData": {"password": "1234"}}
    _, told, _ = await caller.ask("POST", f"{path}/authorisations", asked, PSU_ID="books")
    where = f"{path}/authorisations/{told['authorisationId']}"
    status, told, _ = await caller.ask("PUT", where, {"authenticationMethodId": "pigeon"})
    assert (status, code_in(told)) == (400, "SCA_METHOD_UNKNOWN")
    assert (await caller.ask("GET", where))[1] == {"scaStatus": "psuAuthenticated"}
