"""Keeping merchants, issuers, clients and their secrets, on both databases."""

import base64

import pytest

from tests import gateway
from tests.gateway import clock_of
from tests.store.watched import every
from tillway.commands import records
from tillway.commands.records import SIGNING_PREFIX
from tillway.commands.tools import Tools
from tillway.domain.clients import Client, ClientSecret, RecordState, SecretUse, Surface
from tillway.domain.ids import IssuerId
from tillway.domain.recording import OVERLAP, Allowed
from tillway.domain.refusals import ClientExists, ClientUnknown, IssuerExists, IssuerUnknown, PrefixTaken
from tillway.domain.schedules import SECOND
from tillway.queries.registry import Registry

pytestmark = pytest.mark.anyio


async def _authenticated(
    tools: Tools, client_id: str, secret: str, surface: Surface = Surface.GIFT_CARD
) -> Client | None:
    return await Registry(tools.store, tools.vault).authenticate(client_id, secret, surface, tools.now())


async def test_a_merchant_is_added_once(tools: Tools) -> None:
    first = await records.add_merchant(tools, "Corner shop", "Europe/Oslo")
    assert await records.add_merchant(tools, "Corner shop", "Europe/Berlin") == first
    assert await records.add_merchant(tools, "corner shop", "Europe/Oslo") != first


async def test_a_client_calls_with_its_secret_and_no_other(tools: Tools) -> None:
    made = await gateway.credentials(tools)
    other = await gateway.credentials(tools, "other till")
    assert await _authenticated(tools, "till", made.secret) == made.client
    for client_id, secret in (
        ("till", other.secret),
        ("till", ""),
        ("till", made.signing_secret),
        ("TILL", made.secret),
    ):
        assert await _authenticated(tools, client_id, secret) is None
    assert await _authenticated(tools, "till", made.secret, Surface.WEB) is None


async def test_secrets_are_not_kept_in_the_clear(tools: Tools) -> None:
    made = await gateway.credentials(tools)
    kept = {secret.use: secret.kept for secret in await tools.store.read(every(ClientSecret))}
    assert made.secret not in kept.values()
    assert kept[SecretUse.CALLING] == tools.vault.secret_digest(made.secret)
    assert tools.vault.open(kept[SecretUse.SIGNING]) == made.signing_secret


async def test_a_signing_secret_is_in_the_form_that_receivers_expect(tools: Tools) -> None:
    made = await gateway.credentials(tools)
    assert made.signing_secret.startswith(SIGNING_PREFIX)
    assert len(base64.b64decode(made.signing_secret.removeprefix(SIGNING_PREFIX), validate=True)) == 32


async def test_an_old_secret_stays_good_for_a_day(tools: Tools) -> None:
    first = (await gateway.credentials(tools)).secret
    second = await records.replace_secret(tools, "till", SecretUse.CALLING)
    assert await _authenticated(tools, "till", first) is not None
    clock_of(tools).advance(OVERLAP / SECOND - 0.000_001)
    third = await records.replace_secret(tools, "till", SecretUse.CALLING)
    good = [await _authenticated(tools, "till", secret) is not None for secret in (first, second, third)]
    assert good == [True, True, True]
    clock_of(tools).advance(0.000_001)
    good = [await _authenticated(tools, "till", secret) is not None for secret in (first, second, third)]
    assert good == [False, True, True]


async def test_a_client_exists_once(tools: Tools) -> None:
    made = await gateway.credentials(tools)
    with pytest.raises(ClientExists):
        await gateway.credentials(tools, merchant_name="Another shop")
    assert await _authenticated(tools, "till", made.secret) == made.client


async def test_a_client_accepts_cards_of_issuers_that_are_there(tools: Tools) -> None:
    with pytest.raises(IssuerUnknown):
        await gateway.credentials(tools, vendors=("nobody",))
    await gateway.client(tools)
    with pytest.raises(IssuerUnknown):
        await records.allow(tools, "till", Allowed(("nobody",)))


async def test_a_client_is_allowed_more_and_keeps_what_it_had(tools: Tools) -> None:
    till = await gateway.client(tools)
    other = await gateway.issuer(tools, "other", "7")
    allowed = await records.allow(tools, "till", Allowed(("other", "sandbox"), ("shop.example", "localhost")))
    assert allowed.vendors == "sandbox other"
    assert allowed.return_hosts == "localhost 127.0.0.1 shop.example"
    assert allowed.accepts(other.id)
    assert not till.accepts(other.id)
    assert not allowed.accepts(IssuerId("othe"))
    assert not allowed.may_return_to("example")


async def test_a_closed_client_calls_no_more(tools: Tools) -> None:
    made = await gateway.credentials(tools)
    assert (await records.close(tools, "till")).state is RecordState.CLOSED
    assert await _authenticated(tools, "till", made.secret) is None


async def test_what_is_not_there_is_unknown(tools: Tools) -> None:
    with pytest.raises(ClientUnknown):
        await records.close(tools, "nobody")
    with pytest.raises(ClientUnknown):
        await records.allow(tools, "nobody", Allowed())
    with pytest.raises(ClientUnknown):
        await records.replace_secret(tools, "nobody", SecretUse.CALLING)


@pytest.mark.parametrize("prefix", ["606100", "6061", "6061001", "6"])
async def test_no_two_issuers_may_have_numbers_that_begin_alike(tools: Tools, prefix: str) -> None:
    await gateway.issuer(tools)
    with pytest.raises(PrefixTaken):
        await records.add_issuer(tools, "other", "Other", prefix, "NOK", live=False)


async def test_an_issuer_exists_once(tools: Tools) -> None:
    issuer = await gateway.issuer(tools)
    with pytest.raises(IssuerExists):
        await records.add_issuer(tools, issuer.id, "Other", "7", "NOK", live=False)
