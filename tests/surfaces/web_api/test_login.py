"""Login: a proof that only the owner of the API secret can make, and one and the same answer to every other."""

import asyncio
import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_public_key,
)

from tests.clients.integrator import AUTHENTICATION, Integrator, faults
from tests.clients.till import Answer
from tests.surfaces.web_api.market import LOGIN_WINDOW_SECONDS, Market, login_pair
from tillway.commands import records
from tillway.commands.login_keys import LoginKey, LoginKeyUnreadable, is_proof, read_login_key
from tillway.domain.clients import SecretUse
from tillway.domain.guesses import HOUR, LIMITS

pytestmark = pytest.mark.anyio

REFUSED = [(1301, "")]


async def log_in(integrator: Integrator, body: object, **more: str) -> Answer:
    return await integrator.call("POST", f"{AUTHENTICATION}/login", body, headers=integrator.keyed(), more=more)


def public_key(integrator: Integrator) -> RSAPublicKey:
    key = load_pem_public_key(integrator.api_secret.encode())
    assert isinstance(key, RSAPublicKey)
    return key


def test_the_documents_vector_is_a_proof() -> None:
    text = "QrCDN6CcXkGOnRiNcZMrpw==_2018-01-22T13:58:33.871Z"
    pair = login_pair()
    key = load_pem_public_key(pair.public.encode())
    assert isinstance(key, RSAPublicKey)
    digest = b"9952375a30708b46739986482303cae30ad51fc9a362b5794d298dfc22f7ec02"
    proof = base64.b64encode(key.encrypt(digest, PKCS1v15())).decode()
    assert is_proof([pair.private], proof, text)
    assert not is_proof([pair.private], proof, text + " ")


async def test_a_proof_is_answered_with_tokens(market: Market) -> None:
    shop = await market.integrator(logged_in=False)
    answer = await shop.login()
    assert answer.status == 200
    assert set(answer.body) == {"authToken", "refreshToken"}
    assert (await shop.initiate_web()).status == 200


@pytest.mark.parametrize("path", ["/login", "/login/", "/apis/login", "/apis/login/"])
async def test_older_paths_and_a_slash_at_the_end_are_served(market: Market, path: str) -> None:
    shop = market.shop
    answer = await shop.call("POST", AUTHENTICATION + path, shop.proof(), headers=shop.keyed())
    assert answer.status == 200


@pytest.mark.parametrize("name", [str.upper, str.title, str.swapcase], ids=["UPPER", "Title", "swapped"])
async def test_members_may_be_written_in_any_case(market: Market, name: Callable[[str], str]) -> None:
    body = {name(member): value for member, value in market.shop.proof().items()}
    assert (await log_in(market.shop, body)).status == 200


async def test_a_hash_in_upper_case_and_white_space_in_the_base64_are_taken(market: Market) -> None:
    shop = market.shop
    proof = shop.proof()
    signature = shop.encrypted(_digest(shop, proof).upper())
    folded = "\r\n ".join(signature[place : place + 64] for place in range(0, len(signature), 64))
    assert (await log_in(shop, proof | {"signature": f" {folded}\n"})).status == 200


async def test_the_same_proof_may_be_sent_again(market: Market) -> None:
    proof = market.shop.proof()
    assert [(await log_in(market.shop, proof)).status for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize("off", [-1, 1], ids=["old", "young"])
async def test_a_timestamp_may_be_a_quarter_of_an_hour_off(market: Market, off: int) -> None:
    shop = market.shop
    edge = shop.now() + off * LOGIN_WINDOW_SECONDS
    assert (await log_in(shop, shop.proof(edge))).status == 200
    assert faults(await log_in(shop, shop.proof(edge + off * 0.001))) == REFUSED


@pytest.mark.parametrize("written", ["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.0000000Z"])
async def test_a_timestamp_is_read_as_iso_8601_writes_it(market: Market, written: str) -> None:
    shop = market.shop
    timestamp = datetime.fromtimestamp(shop.now(), UTC).strftime(written)
    assert (await log_in(shop, shop.proof(timestamp=timestamp))).status == 200


async def test_whatever_is_wrong_with_a_proof_the_answer_is_the_same(market: Market) -> None:
    shop = market.shop
    other = await market.integrator(logged_in=False, pair=_fresh_pair())
    good = shop.proof()
    size = public_key(shop).key_size // 8
    modulus = public_key(shop).public_numbers().n
    sealed = base64.b64decode(good["signature"])

    def of(data: bytes) -> dict[str, str]:
        return good | {"signature": base64.b64encode(data).decode()}

    wrong = {
        "empty": good | {"signature": ""},
        "no base64": good | {"signature": "*" * 344},
        "base64 of the wrong length": good | {"signature": good["signature"][:-3]},
        "not ASCII": good | {"signature": "é" * 344},
        "one byte too few": of(sealed[:-1]),
        "one byte too many": of(sealed + b"\0"),
        "one bit": of(sealed[:-1] + bytes([sealed[-1] ^ 1])),
        "nought": of(bytes(size)),
        "one": of(b"\1".rjust(size, b"\0")),
        "the modulus": of(modulus.to_bytes(size)),
        "above the modulus": of(b"\xff" * size),
        "rubbish": of(b"\x2a" * size),
        "the right length, no hash": good | {"signature": shop.encrypted(b"x" * 64)},
        "too short a text": good | {"signature": shop.encrypted(b"x")},
        "no text at all": good | {"signature": shop.encrypted(b"")},
        "too long a text": good | {"signature": shop.encrypted(b"a" * 128)},
        "the hash with more behind it": good | {"signature": shop.encrypted(_digest(shop, good) + b"0")},
        "the hash itself, not its text": good
        | {"signature": shop.encrypted(bytes.fromhex(_digest(shop, good).decode()))},
        "another's key": good | {"signature": other.encrypted(_digest(shop, good))},
        "another's proof": other.proof(),
        "another's API key in the body": good | {"apikey": other.api_key},
        "another time": good | {"timestamp": shop.proof(shop.now() + 1)["timestamp"]},
        "a timestamp that is none": shop.proof(timestamp="yesterday"),
        "an empty timestamp": good | {"timestamp": ""},
        "a timestamp of long ago": shop.proof(timestamp="0001-01-01T00:00:00+23:59"),
        "too old": shop.proof(shop.now() - 3600),
    }
    assert len(wrong) < LIMITS["login"]
    answers: dict[tuple[object, ...], list[str]] = {}
    for kind, body in wrong.items():
        answer = await log_in(shop, body, **{"x-request-id": "the-same"})
        fixed = {name: value for name, value in answer.headers.items() if name.lower() != "date"}
        answers.setdefault((answer.status, answer.text, *fixed.items()), []).append(kind)
    assert [key[0] for key in answers] == [401], answers.values()
    assert faults(await log_in(shop, wrong["one bit"])) == REFUSED


async def test_what_cannot_be_a_login_says_what_is_missing(market: Market) -> None:
    shop = market.shop
    assert faults(await log_in(shop, {"timestamp": 5})) == [(1001, "apikey"), (1002, "timestamp"), (1001, "signature")]
    assert faults(await log_in(shop, b"{")) == [(1000, "")]
    assert (await log_in(shop, {})).status == 400


@pytest.mark.parametrize("key", [None, "", "QrCDN6CcXkGOnRiNcZMrpw==", "x" * 5000, "'; DROP TABLE clients; --"])
async def test_without_a_known_api_key_everything_is_forbidden(market: Market, key: str | None) -> None:
    shop = market.shop
    headers = shop.credentials() | {"x-api-key": key or ""}
    if key is None:
        del headers["x-api-key"]
    for path in (f"{AUTHENTICATION}/login", f"{AUTHENTICATION}/renew", "/paymentapi/v1/payments/web"):
        answer = await shop.call("POST", path, b"{", headers=headers)
        assert (answer.status, answer.text) == (403, '{"message":"Forbidden"}')


async def test_a_client_that_was_closed_is_unknown(market: Market) -> None:
    keys = await market.made()
    await records.close(market.tools, keys.client.id)
    headers = {"x-api-key": keys.client.id}
    assert (await market.shop.call("POST", f"{AUTHENTICATION}/login", {}, headers=headers)).status == 403


async def test_failed_logins_are_counted_and_too_many_close_the_door_for_the_rest_of_an_hour(market: Market) -> None:
    shop, good = market.shop, market.shop.proof()
    for _ in range(LIMITS["login"]):
        assert faults(await log_in(shop, good | {"signature": "no"})) == REFUSED
    for body in (good, good | {"signature": "no"}):
        answer = await log_in(shop, body)
        assert answer.status == 429
        assert faults(answer) == [(1429, "")]
        assert answer.headers["retry-after"] == str(HOUR // 1_000_000)
    neighbour = await market.integrator(logged_in=False)
    assert (await neighbour.login()).status == 200
    market.advance(HOUR / 1_000_000)
    assert (await shop.login()).status == 200


async def test_logins_that_succeed_are_not_counted(market: Market) -> None:
    for _ in range(LIMITS["login"] + 1):
        assert (await market.shop.login()).status == 200


async def test_many_wrong_proofs_at_once_are_not_let_past_the_count(market: Market) -> None:
    wrong = market.shop.proof() | {"signature": "no"}
    answers = await asyncio.gather(*(log_in(market.shop, wrong) for _ in range(3 * LIMITS["login"])))
    assert sorted(answer.status for answer in answers) == [401] * LIMITS["login"] + [429] * 2 * LIMITS["login"]


async def test_a_replaced_pair_works_at_once_and_the_old_one_for_a_day(market: Market) -> None:
    shop = await market.integrator(logged_in=False)
    before = shop.api_secret
    after = await records.replace_secret(market.tools, shop.api_key, SecretUse.LOGIN)
    for secret in (after, before):
        shop.api_secret = secret
        assert (await shop.login()).status == 200


async def test_a_pair_of_1024_bits_may_be_brought_along(market: Market) -> None:
    shop = await market.integrator(logged_in=False, pair=_fresh_pair(1024))
    assert (await shop.login()).status == 200


@pytest.mark.parametrize("text", ["", "no key", login_pair().public, "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_what_is_no_private_key_cannot_be_brought_along(text: str) -> None:
    with pytest.raises(LoginKeyUnreadable):
        read_login_key(text)


def _digest(integrator: Integrator, proof: dict[str, str]) -> bytes:
    return hashlib.sha256(f"{integrator.api_key}_{proof['timestamp']}".encode()).hexdigest().encode()


def _fresh_pair(bits: int = 2048) -> LoginKey:
    key = generate_private_key(65_537, bits)
    return read_login_key(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
