"""What an operator can set: environment variables that begin with `TILLWAY_`, and the gateway's key.

Only the command line and the wiring read this; everything else is handed what it needs. `docs/settings.md` lists every
variable and is held to this file by a test.
"""

import base64
import binascii
import os
import secrets
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from tillway.bank_settings import Banks
from tillway.domain.methods import BY_CODE
from tillway.domain.payments import GIFT_CARD_METHOD
from tillway.store.addresses import is_postgres
from tillway.store.vault import KEY_BYTES


def _served_far(code: str) -> str:
    if code not in BY_CODE or code == GIFT_CARD_METHOD:
        raise ValueError(f"there is no method {code!r} that an acquirer could serve")
    return code


Network = IPv4Network | IPv6Network
ConnectorName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
MethodCode = Annotated[str, AfterValidator(_served_far)]
StripeMethod = Literal["card", "bancontact", "ideal"]
Level = Literal["debug", "info", "warning", "error"]

DATABASE_FILE: Final = "tillway.sqlite3"
KEY_FILE: Final = "secret.key"
DOCUMENTED_KEY: Final = base64.b64encode(bytes(range(KEY_BYTES))).decode()
"""The key that the documentation shows: everybody knows it, so `serve` refuses it."""

_FEWEST_DIFFERENT_BYTES = 8


class SettingsRefused(Exception):
    """The settings cannot be used; the message says which and why."""


class FarAddress(BaseModel):
    """Someone who is asked over HTTP and shares a secret with us (docs/connectors.md)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: HttpUrl
    secret: SecretStr
    limit_seconds: Annotated[float, Field(gt=0, le=20)] = 8.0

    @field_validator("secret")
    @classmethod
    def _signs(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith("whsec_"):
            raise ValueError("a secret of Standard Webhooks is needed: whsec_ and base64")
        return value


class IssuerAddress(FarAddress):
    """An issuer of gift cards."""


class AcquirerAddress(FarAddress):
    """An acquirer with its own payment pages, at the web origin `pages` (empty: at that of `url`), for `methods`."""

    methods: Annotated[tuple[MethodCode, ...], Field(min_length=1)]
    pages: str = ""

    @field_validator("pages")
    @classmethod
    def _is_origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and value != f"{parts.scheme}://{parts.netloc}":
            raise ValueError("a web origin is needed, such as https://pay.example")
        return value

    @property
    def origin(self) -> str:
        """The web origin of its pages."""
        parts = urlsplit(str(self.url))
        return self.pages or f"{parts.scheme}://{parts.netloc}"


class StripeSettings(BaseModel):
    """An account at Stripe (docs/stripe.md): its keys, the secret of its webhook, and the methods that it serves."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    secret_key: SecretStr
    publishable_key: str
    webhook_secret: SecretStr
    methods: Annotated[tuple[StripeMethod, ...], Field(min_length=1)] = ("card",)
    api_base: HttpUrl = HttpUrl("https://api.stripe.com")

    @field_validator("secret_key")
    @classmethod
    def _is_secret_key(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("sk_live_", "rk_live_", "sk_test_", "rk_test_")):
            raise ValueError("a secret or restricted key of Stripe is needed: sk_… or rk_…")
        return value

    @field_validator("publishable_key")
    @classmethod
    def _fits(cls, value: str, others: ValidationInfo) -> str:
        secret: SecretStr | None = others.data.get("secret_key")
        mode = secret.get_secret_value()[2:8] if secret else ""
        if not value.startswith(f"pk{mode}") or not value.isascii() or not value.isprintable():
            raise ValueError("the publishable key of the same account and mode is needed: pk_…")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_webhook_secret(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith("whsec_"):
            raise ValueError("the signing secret of a webhook endpoint is needed: whsec_…")
        return value

    @property
    def is_test(self) -> bool:
        """Whether it moves no money."""
        return "_test_" in self.secret_key.get_secret_value()[:8]


class Settings(BaseSettings):
    """Where the gateway keeps its data, who reaches it and how; each field is the variable `TILLWAY_<FIELD>`."""

    model_config = SettingsConfigDict(env_prefix="TILLWAY_", frozen=True, extra="ignore", hide_input_in_errors=True)

    data: Path = Field(Path("data"), description="The folder for the SQLite file and the key file.")
    database: str = Field(
        "",
        repr=False,
        description="A `postgresql://` address or the path of a SQLite file; empty: `tillway.sqlite3` in the data.",
    )
    key: SecretStr = Field(
        SecretStr(""),
        description="The gateway's key, 32 bytes in base64; empty: the file `secret.key` in the data folder.",
    )
    public_url: str = Field(
        "", description="Where payers and tills reach the gateway from outside; empty: `http://HOST:PORT`."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=1, le=65_535, description="The port to listen on.")
    workers: int = Field(1, ge=1, le=64, description="How many processes serve; more than one needs PostgreSQL.")
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        (),
        description="Networks whose `X-Forwarded-For` is believed, separated by commas.",
    )
    connectors: dict[ConnectorName, IssuerAddress] = Field(
        {},
        repr=False,
        description="Issuers that are asked over HTTP, by the name that `tillway card issue --connector` puts on "
        'their cards, as JSON: `{"ark": {"url": "https://issuer.example", "secret": "whsec_…", "limit_seconds": 8}}`.',
    )
    acquirers: dict[ConnectorName, AcquirerAddress] = Field(
        {},
        repr=False,
        description="Acquirers that are asked over HTTP and show payers pages of their own, by name, with the methods "
        'that they serve, as JSON: `{"north": {"url": "https://api.acquirer.example", "secret": "whsec_…", "methods": '
        '["card", "ideal"], "pages": "https://pay.acquirer.example", "limit_seconds": 8}}`.',
    )
    stripe: StripeSettings | None = Field(
        None,
        repr=False,
        description="An account at Stripe, and which of `card`, `bancontact` and `ideal` it serves, as JSON: "
        '`{"secret_key": "sk_live_…", "publishable_key": "pk_live_…", "webhook_secret": "whsec_…", "methods": '
        '["card", "ideal"]}` (docs/stripe.md).',
    )
    banks: Banks = Field(
        (),
        repr=False,
        description="Banks that payers of payment orders choose from, asked by the Berlin Group's framework, as JSON: "
        '`[{"id": "north", "name": "North Bank", "country": "SK", "bic": "NORTSKBX", "url": '
        '"https://psd2.north.example"}]` (docs/banks.md).',
    )
    login_window_seconds: int = Field(
        900,
        ge=1,
        le=86_400,
        description="How far off the timestamp of a login to the web payments API may be, either way.",
    )
    log_level: Level = Field("info", description="What is logged: `debug`, `info`, `warning` or `error`.")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _parted(cls, value: Any) -> Any:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("public_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("an absolute http or https address is needed")
        return value.rstrip("/")

    @field_validator("acquirers")
    @classmethod
    def _share_no_method(cls, value: dict[str, AcquirerAddress]) -> dict[str, AcquirerAddress]:
        served = [method for acquirer in value.values() for method in acquirer.methods]
        if len(set(served)) < len(served):
            raise ValueError("each method is served by one acquirer only")
        return value

    @field_validator("stripe")
    @classmethod
    def _serves_alone(cls, value: StripeSettings | None, others: ValidationInfo) -> StripeSettings | None:
        acquirers: dict[str, AcquirerAddress] = others.data.get("acquirers", {})
        served = {method for acquirer in acquirers.values() for method in acquirer.methods}
        if value is not None and (served & set(value.methods) or "stripe" in acquirers):
            raise ValueError("an acquirer has this name, or serves one of its methods")
        return value

    @property
    def store(self) -> str:
        """The database's address, or the path of its SQLite file."""
        return self.database or str(self.data / DATABASE_FILE)

    @property
    def address(self) -> str:
        """Where payers and tills reach the gateway, without a slash at the end."""
        return self.public_url or _http_address(self.host, self.port)

    def neighbour_address(self, place: int) -> str:
        """Where payers reach what listens `place` ports after the gateway, which only a sandbox has."""
        public = urlsplit(self.address)
        return _http_address(public.hostname or self.host, (public.port or self.port) + place, public.scheme)

    def own_address(self, place: int = 0) -> str:
        """Where this machine itself reaches the gateway, or what listens `place` ports after it."""
        return _http_address(_OWN_HOSTS.get(self.host, self.host), self.port + place)

    def as_environment(self) -> dict[str, str]:
        """What the command line may have set, as variables for the processes that it starts in its environment."""
        values = {"data": self.data.absolute(), "database": self.database}
        values |= {name: getattr(self, name) for name in ("host", "port", "workers")}
        return {f"TILLWAY_{name.upper()}": str(value) for name, value in values.items()}

    @cached_property
    def gateway_key(self) -> bytes:
        """The 32 bytes that everything kept secret hangs on. Raises SettingsRefused."""
        text = self.key.get_secret_value()
        if text:
            return _decoded(text, "TILLWAY_KEY")
        file = self.data / KEY_FILE
        try:
            return _decoded(file.read_text("ascii").strip(), str(file))
        except FileNotFoundError:
            raise SettingsRefused(f"there is no key: set TILLWAY_KEY, or put one into {file}") from None
        except (OSError, UnicodeDecodeError):
            raise SettingsRefused(f"the key file {file} cannot be read") from None


def load(**given: Any) -> Settings:
    """The settings of the environment; what is given and not None goes before it. Raises SettingsRefused."""
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_input=False)[0]
        name = "_".join(("TILLWAY", str(first["loc"][0]).upper()))
        raise SettingsRefused(f"{name}: {first['msg']}") from None


def make_key(folder: Path) -> None:
    """Put a fresh key into a folder that has none, readable by its owner only."""
    try:
        descriptor = os.open(folder / KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())


def check_production(settings: Settings) -> None:
    """Refuse what must not serve real money. Raises SettingsRefused."""
    key = settings.gateway_key
    if len(set(key)) < _FEWEST_DIFFERENT_BYTES:
        raise SettingsRefused("the key is weak: make one with `head -c 32 /dev/urandom | base64`")
    if key == base64.b64decode(DOCUMENTED_KEY):
        raise SettingsRefused("the key is the documentation's example, which everybody knows: make your own")
    if not settings.key.get_secret_value():
        _check_key_file(settings.data / KEY_FILE)
    address = urlsplit(settings.address)
    if address.scheme == "http" and not _is_loopback(address.hostname or ""):
        raise SettingsRefused("TILLWAY_PUBLIC_URL must begin with https:// unless it is a loopback address")
    if any(issuer.url.scheme != "https" for issuer in settings.connectors.values()):
        raise SettingsRefused("TILLWAY_CONNECTORS: an issuer's url must begin with https://")
    pages = (one for each in settings.acquirers.values() for one in (str(each.url), each.origin))
    if any(urlsplit(one).scheme != "https" for one in pages):
        raise SettingsRefused("TILLWAY_ACQUIRERS: an acquirer's url and pages must begin with https://")
    if settings.stripe is not None and settings.stripe.api_base.scheme != "https":
        raise SettingsRefused("TILLWAY_STRIPE: api_base must begin with https://")
    if any(urlsplit(one).scheme != "https" for bank in settings.banks for one in bank.addresses):
        raise SettingsRefused("TILLWAY_BANKS: a bank's url, pages and logo must begin with https://")
    if settings.workers > 1 and not is_postgres(settings.store):
        raise SettingsRefused("more than one worker needs PostgreSQL: a SQLite file has one server")


_OWN_HOSTS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - looked up here, not listened on
"""Under which address a machine reaches a server of its own that listens on all of its addresses."""


def _http_address(host: str, port: int, scheme: str = "http") -> str:
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def _decoded(text: str, place: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise SettingsRefused(f"the key in {place} is not base64") from None
    if len(key) != KEY_BYTES:
        raise SettingsRefused(f"the key in {place} has {len(key)} bytes, {KEY_BYTES} are needed")
    return key


def _check_key_file(file: Path) -> None:
    if file.stat().st_mode & 0o077:
        raise SettingsRefused(f"others may read the key file {file}: chmod 600 it")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
