"""What a new client may do, as the command line says it: which options belong to which API, and what they must be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tillway.cli.options import ApiWord, GrantWord
from tillway.cli.speaking import MISUSED, Fact, Stopped

if TYPE_CHECKING:
    from tillway.commands.records import WebKeys
    from tillway.commands.tools import Tools
    from tillway.domain.clients import Grant, Merchant

USUAL_DECLINES: Final = 5

_SHORT_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class BroughtKeys:
    """The keys of a client that moves here from elsewhere; `login_key` is the PEM file of its pair's private half."""

    api_key: str
    tenant_key: str
    login_key: Path | None


@dataclass(frozen=True, slots=True)
class ClientWanted:
    """A client as the command line describes it; what was not said is empty or None."""

    api: ApiWord
    name: str
    currency: str
    client_id: str
    vendors: tuple[str, ...]
    return_hosts: tuple[str, ...]
    origins: tuple[str, ...]
    methods: tuple[str, ...]
    most_declines: int | None
    keys: BroughtKeys
    ibans: tuple[str, ...] = ()
    redirect_urls: tuple[str, ...] = ()
    grants: tuple[GrantWord, ...] = ()

    def check(self) -> None:
        """Refuse options of another API. Raises Stopped."""
        for option, (said, apis) in self._options().items():
            if self.api not in apis and said is not None and said not in {"", ()}:
                raise Stopped(f"{option} is not for --api {self.api.value}", MISUSED)
        brought = [self.keys.api_key, self.keys.tenant_key, self.keys.login_key]
        if any(brought) and not all(brought):
            raise Stopped("--api-key, --tenant-key and --login-key belong together", MISUSED)

    def _options(self) -> Mapping[str, tuple[object, frozenset[ApiWord]]]:
        """What was said by options that not every API has, and which do."""
        web, order = frozenset({ApiWord.WEB}), frozenset({ApiWord.ORDER})
        return {
            "--origin": (self.origins, web),
            "--method": (self.methods, web),
            "--most-declines": (self.most_declines, web),
            "--api-key": (self.keys.api_key, web),
            "--tenant-key": (self.keys.tenant_key, web),
            "--login-key": (self.keys.login_key, web),
            "--recipient-iban": (self.ibans, order),
            "--redirect-url": (self.redirect_urls, order),
            "--grant": (self.grants, order),
            "--id": (self.client_id, frozenset(ApiWord) - web),
            "--return-host": (self.return_hosts, frozenset(ApiWord) - web - order),
            "--vendor": (self.vendors, frozenset(ApiWord) - order),
        }


async def make(tools: "Tools", owner: "Merchant", wanted: ClientWanted) -> dict[str, Fact]:
    """Add the client; answers what is to be shown of it, this once. Raises Stopped, Refusal."""
    match wanted.api:
        case ApiWord.WEB:
            return await _make_web(tools, owner, wanted)
        case ApiWord.ORDER:
            return await _make_order(tools, owner, wanted)
        case ApiWord.GIFT_CARD | ApiWord.MANAGEMENT:
            return await _make_other(tools, owner, wanted)


def read_origins(texts: Iterable[str]) -> tuple[str, ...]:
    """Web origins as browsers write them. Raises Stopped."""
    from tillway.surfaces.web_api.rules import plain_origin

    found: list[str] = []
    for text in texts:
        origin = plain_origin(text)
        if origin is None:
            raise Stopped(f"{text} is no origin: write scheme, host and port alone, https://shop.example", MISUSED)
        found.append(origin)
    return tuple(found)


def read_methods(codes: Iterable[str]) -> tuple[str, ...]:
    """Codes of methods. Raises Stopped."""
    from tillway.domain.methods import BY_CODE

    wanted = tuple(codes)
    for code in wanted:
        if code not in BY_CODE:
            raise Stopped(f"there is no method {code}: {', '.join(BY_CODE)}", MISUSED)
    return wanted


def read_ibans(texts: Iterable[str]) -> tuple[str, ...]:
    """Accounts as they are kept. Raises Stopped."""
    from tillway.surfaces.order_api.rules import plain_iban

    found: list[str] = []
    for text in texts:
        iban = plain_iban(text)
        if iban is None:
            raise Stopped(f"{text} is no IBAN with the right check digits", MISUSED)
        found.append(iban)
    return tuple(found)


def read_redirect_urls(texts: Iterable[str]) -> tuple[str, ...]:
    """Beginnings of addresses that payers may be sent back to. Raises Stopped."""
    from tillway.domain.returning import is_beginning

    wanted = tuple(texts)
    for text in wanted:
        if not is_beginning(text):
            raise Stopped(
                f"{text} begins no address: write scheme, host and perhaps a path, https://shop.example", MISUSED
            )
    return wanted


def read_grants(words: Iterable[GrantWord]) -> "tuple[Grant, ...]":
    """What more a client may do."""
    from tillway.domain.clients import Grant

    return tuple(Grant(word.value) for word in words)


async def _make_other(tools: "Tools", owner: "Merchant", wanted: ClientWanted) -> dict[str, Fact]:
    import secrets

    from tillway.commands import records
    from tillway.domain.clients import Surface

    made = await records.add_client(
        tools,
        owner,
        wanted.client_id or f"client-{secrets.token_hex(6)}",
        wanted.name,
        Surface(wanted.api.value),
        wanted.currency,
        wanted.vendors,
        wanted.return_hosts,
    )
    facts: dict[str, Fact] = {"client_id": made.client.id}
    if wanted.api is ApiWord.MANAGEMENT:
        return facts | {"token": f"{made.client.id}.{made.secret}"}
    return facts | {"client_secret": made.secret, "webhook_secret": made.signing_secret}


async def _make_order(tools: "Tools", owner: "Merchant", wanted: ClientWanted) -> dict[str, Fact]:
    from tillway.commands import records

    ibans, urls = read_ibans(wanted.ibans), read_redirect_urls(wanted.redirect_urls)
    terms = records.OrderTerms(wanted.currency, ibans, urls, read_grants(wanted.grants))
    made = await records.add_order_client(tools, owner, wanted.name, terms, wanted.client_id)
    return {"client_id": made.client.id, "client_secret": made.secret, "webhook_secret": made.signing_secret}


async def _make_web(tools: "Tools", owner: "Merchant", wanted: ClientWanted) -> dict[str, Fact]:
    from tillway.commands import records

    declines = USUAL_DECLINES if wanted.most_declines is None else wanted.most_declines
    origins, methods = read_origins(wanted.origins), read_methods(wanted.methods)
    terms = records.WebTerms(wanted.currency, wanted.vendors, origins, methods, declines)
    made = await records.add_web_client(tools, owner, wanted.name, terms, _keys(wanted.keys))
    return {
        "api_key": made.client.id,
        "tenant_key": made.tenant_key,
        "webhook_secret": made.signing_secret,
        "api_secret": made.api_secret,
    }


def _keys(brought: BroughtKeys) -> "WebKeys | None":
    from tillway.commands.login_keys import LoginKeyUnreadable, read_login_key
    from tillway.commands.records import WebKeys

    if brought.login_key is None:
        return None
    for option, key in (("--api-key", brought.api_key), ("--tenant-key", brought.tenant_key)):
        if not _is_short_key(key):
            raise Stopped(f"{option} is not {_SHORT_KEY_BYTES} bytes in base64", MISUSED)
    try:
        login = read_login_key(brought.login_key.read_text("ascii"))
    except LoginKeyUnreadable:
        raise Stopped(f"{brought.login_key}: {LoginKeyUnreadable.__doc__}", MISUSED) from None
    except UnicodeDecodeError:
        raise Stopped(f"{brought.login_key} is no PEM file", MISUSED) from None
    return WebKeys(brought.api_key, brought.tenant_key, login)


def _is_short_key(text: str) -> bool:
    import base64
    import binascii

    try:
        return len(base64.b64decode(text, validate=True)) == _SHORT_KEY_BYTES
    except (binascii.Error, ValueError):
        return False
