"""What gateways write to the pretend banks, in the standard's members."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from schwifty import BIC, IBAN
from schwifty.exceptions import SchwiftyException

from tillway.domain.money import LARGEST_MINOR, exponent


def _iban(text: str) -> str:
    try:
        return IBAN(text).compact
    except SchwiftyException:
        raise ValueError("is not an IBAN") from None


def _bic(text: str) -> str:
    try:
        return BIC(text).compact
    except SchwiftyException:
        raise ValueError("is not a BIC") from None


class _Wire(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class AccountAsked(_Wire):
    """An account, by its IBAN."""

    iban: Annotated[str, Field(max_length=34), AfterValidator(_iban)]


class AmountAsked(_Wire):
    """An amount: a decimal number as text."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    amount: Annotated[str, Field(pattern=r"^[0-9]{1,14}(\.[0-9]{1,3})?$")]

    @property
    def minor(self) -> int:
        """In minor units; 0 if it is not a whole number of them, or not one that banks move."""
        try:
            scaled = Decimal(self.amount).scaleb(exponent(self.currency))
        except (ValueError, KeyError):
            return 0
        whole = int(scaled)
        return whole if whole == scaled and whole <= LARGEST_MINOR else 0


class PaymentAsked(_Wire):
    """A credit transfer."""

    instructedAmount: AmountAsked  # noqa: N815 - the standard's names
    creditorAccount: AccountAsked  # noqa: N815
    creditorName: Annotated[str, Field(min_length=1, max_length=70)]  # noqa: N815
    creditorAgent: Annotated[str, Field(max_length=11), AfterValidator(_bic)] | None = None  # noqa: N815
    debtorAccount: AccountAsked | None = None  # noqa: N815
    remittanceInformationUnstructured: Annotated[str, Field(max_length=140)] = ""  # noqa: N815
    endToEndIdentification: Annotated[str, Field(max_length=35)] = ""  # noqa: N815


class PsuData(_Wire):
    """What a customer proves to be somebody with."""

    password: Annotated[str, Field(max_length=100)] = ""


class AuthorisationAsked(_Wire):
    """The beginning of an authorisation."""

    psuData: PsuData = PsuData()  # noqa: N815


class UpdateAsked(_Wire):
    """What a customer gave for an authorisation: one of these."""

    psuData: PsuData | None = None  # noqa: N815
    authenticationMethodId: Annotated[str, Field(max_length=35)] = ""  # noqa: N815
    scaAuthenticationData: Annotated[str, Field(max_length=100)] = ""  # noqa: N815
