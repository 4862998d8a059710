"""What an operator can set about banks: those of `TILLWAY_BANKS`, and how each is reached (docs/banks.md)."""

from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    model_validator,
)
from schwifty import BIC
from schwifty.exceptions import SchwiftyException

from tillway.domain.banks import Bank, BankKind

DEEPEST: Final = 3
"""How many levels the directory has at most."""

MOST_BANKS: Final = 5_000


def _is_bic(value: str) -> str:
    try:
        return BIC(value).compact if value else ""
    except SchwiftyException:
        raise ValueError("a BIC is needed (ISO 9362)") from None


def _is_origin(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or value != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("a web origin is needed, such as https://login.bank.example")
    return value


BankName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")]
Product = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class BankSettings(BaseModel):
    """A bank that is asked by the Berlin Group's framework, or a group of them, which has no `url`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    id: BankName
    name: Annotated[str, Field(min_length=1, max_length=140)]
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    bic: Annotated[str, Field(max_length=11), AfterValidator(_is_bic)] = ""
    kind: BankKind = BankKind.BANK
    group: str = ""
    logo: HttpUrl | None = None
    needs_iban: bool = False
    url: HttpUrl | None = None
    pages: tuple[Annotated[str, AfterValidator(_is_origin)], ...] = ()
    product: Product = "sepa-credit-transfers"
    domestic: Product | None = None
    headers: dict[HeaderName, SecretStr] = {}
    certificate: Path | None = None
    certificate_key: Path | None = None
    seal: Path | None = None
    seal_key: Path | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if (self.url is None) == (self.kind is BankKind.BANK):
            raise ValueError("a bank needs a url, and a group has none")
        if (self.certificate is None) != (self.certificate_key is None) or (self.seal is None) != (
            self.seal_key is None
        ):
            raise ValueError("a certificate and its key go together")
        return self

    @property
    def base(self) -> str:
        """What stands before `/v1` in the addresses of the bank's calls."""
        return str(self.url or "").rstrip("/")

    @property
    def origins(self) -> tuple[str, ...]:
        """The web origins of its pages: those that are set, else that of its calls."""
        parts = urlsplit(self.base)
        return self.pages or (f"{parts.scheme}://{parts.netloc}",)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that it leads to."""
        logo = (str(self.logo),) if self.logo is not None else ()
        return (self.base, *self.origins, *logo) if self.kind is BankKind.BANK else logo

    def entry(self, connector: str) -> Bank:
        """The bank as payers choose it, asked by a connector."""
        logo = str(self.logo) if self.logo is not None else ""
        asked = connector if self.kind is BankKind.BANK else ""
        return Bank(
            self.id, self.name, self.country, self.bic, self.kind, asked, self.group, logo, int(self.needs_iban)
        )


def _parted(banks: tuple[BankSettings, ...]) -> tuple[BankSettings, ...]:
    """Refuse banks of one id, and groups that are not there or too deep. Raises ValueError."""
    if len(banks) > MOST_BANKS:
        raise ValueError(f"there are more than {MOST_BANKS} banks")
    by_id = {bank.id: bank for bank in banks}
    if len(by_id) < len(banks):
        raise ValueError("two banks have the same id")
    for bank in banks:
        depth, inner = 1, bank
        while inner.group:
            outer = by_id.get(inner.group)
            if outer is None or outer.kind is BankKind.BANK:
                raise ValueError(f"the bank {bank.id} is in a group that is not there")
            depth, inner = depth + 1, outer
            if depth > DEEPEST:
                raise ValueError(f"the bank {bank.id} is more than {DEEPEST} levels deep")
    return banks


Banks = Annotated[tuple[BankSettings, ...], AfterValidator(_parted)]
"""All banks of a gateway, in the order in which payers see them."""
