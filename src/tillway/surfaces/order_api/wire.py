"""The bodies that the payment orders API is sent: every member's name, and what goes together."""

from functools import cache
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, model_validator
from pydantic.alias_generators import to_camel

from tillway.domain.payment_orders import OrderStatus
from tillway.domain.payments import PaymentState
from tillway.surfaces.order_api.rendering import Meta, Written
from tillway.surfaces.order_api.rules import (
    Amount,
    AnyAmount,
    BankId,
    BankText,
    Bic,
    Cause,
    Country,
    Currency,
    Digits,
    Email,
    ExternalId,
    FourDigits,
    HookData,
    Iban,
    IbanOrNone,
    InstructionId,
    Locale,
    Percentage,
    RedirectUrl,
    Reference,
    TenDigits,
    is_strict,
    missing,
    two_names,
)

_LINK = "https://pay.example/bank/TOKEN"
_ID = "019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5001"


class Wire(BaseModel):
    """Members are camelCase; unknown ones are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore", alias_generator=to_camel, frozen=True)


class Asked(Wire):
    """A body of which what is null, and what is optional and empty, counts as not given."""

    @model_validator(mode="before")
    @classmethod
    def _given(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        optional, members = _optional(cls), cast("dict[str, object]", value)
        given = {
            name: member
            for name, member in members.items()
            if member is not None and (member != "" or name not in optional)
        }
        return {**dict.fromkeys(_held(cls)), **given}


@cache
def _optional(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(field.alias or name for name, field in model.model_fields.items() if not field.is_required())


@cache
def _held(model: type[BaseModel]) -> frozenset[str]:
    """The optional members with rules of their own on being left out: named even then, for faults to name them."""
    return frozenset(field.alias or name for name, field in model.model_fields.items() if field.validate_default)


def _named(reference: str | None, info: ValidationInfo) -> str | None:
    """Held after the symbols: one of them and the reference is there, and never both."""
    symbols = [info.data.get(name) for name in ("variable_symbol", "constant_symbol", "specific_symbol")]
    if reference is not None and any(symbols):
        raise two_names()
    if reference is None and "variable_symbol" in info.data and not symbols[0]:
        raise missing()
    return reference


def _named_once(reference: str | None, info: ValidationInfo) -> str | None:
    """As `_named`, where neither will do as well."""
    symbols = [info.data.get(name) for name in ("variable_symbol", "constant_symbol", "specific_symbol")]
    if reference is not None and any(symbols):
        raise two_names()
    return reference


def _unless_lenient(text: str | None, info: ValidationInfo) -> str | None:
    if text is None and is_strict(info):
        raise missing()
    return text


class OrderRequest(Asked):
    """What is to be paid, to whom, with what words, and where the payer comes back to."""

    instruction_id: InstructionId | None = Field(None, description="Your own name for the payment; unique.")
    currency: Currency = Field(description="ISO 4217.")
    amount: Amount = Field(description="In the major unit of the currency, with no more decimals than it has.")
    recipient_iban: Iban = Field(description="Your account; it has to be on your client's list.")
    recipient_bank_bic: Bic | None = Field(None, description="Your bank.")
    sender_bank_id: BankId | None = Field(None, description="The payer's bank, if you know it: see `GET /banks`.")
    sender_iban: Iban | None = Field(None, description="The payer's account, if you know it.")
    variable_symbol: TenDigits | None = Field(
        None, description="Digits. Required, unless there is a `reference`; never beside one."
    )
    constant_symbol: FourDigits | None = Field(None, description="Digits. Never beside a `reference`.")
    specific_symbol: Digits | None = Field(None, description="Digits. Never beside a `reference`.")
    reference: Annotated[Reference | None, AfterValidator(_named)] = Field(
        None,
        validate_default=True,
        description="Letters, digits, space and `/?:().,'+-`. Required, unless there is a `variableSymbol`.",
    )
    sender_email: Annotated[Email | None, AfterValidator(_unless_lenient)] = Field(
        None, validate_default=True, description="The payer's. Required of clients with the setting `strict`."
    )
    redirect_url: RedirectUrl = Field(
        description="Where the payer comes back to, with `id` added to its query; it has to be on your client's list."
    )
    payment_message: Annotated[BankText | None, AfterValidator(_unless_lenient)] = Field(
        None,
        validate_default=True,
        description="What the payer reads on the account's statement. Required of clients with the setting `strict`.",
    )
    recipient_name: BankText | None = Field(None, description="Who is paid; your client's name unless given.")
    user_locale: Locale | None = Field(None, description="The language of the page; the browser's unless given.")
    refund_limit_percentage: Percentage | None = Field(
        None, description="How much of the order may be given back, at most 2 decimals; 0: no limit. 100 unless given."
    )
    preferred_bank_country_code: Country | None = Field(
        None, description="The country whose banks are shown first, ISO 3166-1 alpha-3."
    )
    external_id: ExternalId | None = Field(None, description="Your own name for the order; need not be unique.")
    hook_data: HookData | None = Field(None, description="Told with every webhook; at most 16 KiB.")
    disable_hooks: bool | None = Field(None, description="Whether no webhook is told anything.")
    is_external_payment: bool | None = Field(
        None, description="Whether the payer finds the details elsewhere, so that only the transfer is waited for."
    )


class UpdateRequest(Asked):
    """What of an order is to be different."""

    amount: AnyAmount | None = Field(None, description="In the major unit of the order's currency.")
    refund_limit_percentage: Percentage | None = Field(None, description="At most 2 decimals; 0: no limit.")


class RefundRequest(Asked):
    """What is to be given back, and to whom."""

    instruction_id: InstructionId | None = Field(None, description="Your own name for the refund; unique.")
    currency: Currency = Field(description="The order's.")
    amount: Amount
    recipient_iban: Iban | None = Field(None, description="The account that paid, unless given.")
    sender_bank_id: BankId | None = Field(None, description="Your bank, if you know its id.")
    sender_iban: Iban | None = Field(None, description="The account that was paid, unless given.")
    variable_symbol: TenDigits | None = None
    constant_symbol: FourDigits | None = None
    specific_symbol: Digits | None = None
    reference: Annotated[Reference | None, AfterValidator(_named_once)] = Field(
        None, description="Never beside symbols."
    )
    redirect_url: RedirectUrl | None = Field(
        None, description="Where whoever authorises it comes back to, with `refundId` added to its query."
    )
    payment_message: BankText | None = None
    recipient_name: BankText | None = None
    user_locale: Locale | None = None
    reason: Cause | None = Field(None, description="Why; also tells two refunds apart that are alike otherwise.")
    hook_data: HookData | None = Field(None, description="Told with every webhook; at most 16 KiB.")


class ProcessRequest(Wire):
    """What the last answer asked for, each by its name; nothing at first."""

    model_config = ConfigDict(extra="allow")

    sender_bank_id: BankId | None = Field(None, description="The bank that was chosen.")
    sender_iban: IbanOrNone | None = Field(None, description="The account that pays.")


class Opened(Written):
    """An order, and the payment that a payer is to be sent to."""

    id: str = Field(description="The order.", examples=["019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5000"])
    processable_payment_id: str = Field(examples=[_ID])
    link: str = Field(description="The page to send the payer to.", examples=[_LINK])
    status: OrderStatus


class OpenedAnswer(Written):
    """The order, and where to send the payer."""

    meta: Meta
    data: Opened


class RefundOpened(Written):
    """A refund, and the page on which it is authorised."""

    id: str = Field(examples=["019a9f1e-7c1a-7b52-8f6e-2f1d3c4b5801"])
    link: str = Field(description="The page on which someone of yours authorises it.", examples=[_LINK])
    status: PaymentState


class RefundOpenedAnswer(Written):
    """The refund, and where to authorise it."""

    meta: Meta
    data: RefundOpened


class Withdrawn(Written):
    """What was given up."""

    id: str = Field(examples=[_ID])


class WithdrawnAnswer(Written):
    """It is withdrawn."""

    meta: Meta
    data: Withdrawn


class Option(Written):
    """One of the values to choose from."""

    value: str
    label: str


class Input(Written):
    """One thing that is asked for."""

    name: str = Field(examples=["senderBankId"])
    type: Literal["TEXT", "PASSWORD", "SELECT"]
    label: str = Field(examples=["Bank"])
    select_options: list[Option] | None = Field(None, description="The values of a SELECT.")


class Processed(Written):
    """The next step of a payment."""

    id: str = Field(examples=[_ID])
    status: PaymentState
    type: Literal["REDIRECT", "INPUT", "NEXT", "PUSH"] = Field(
        description="REDIRECT: send the payer to `redirectUrl`; INPUT: call again with what `inputSet` asks for; PUSH: "
        "the payer agrees in the bank's app; NEXT: call again, unless the status is final."
    )
    redirect_url: str | None = None
    input_set: list[Input] | None = None
    description: str | None = Field(None, description="The bank's own word on it.")


class ProcessedAnswer(Written):
    """The next step."""

    meta: Meta
    data: Processed
