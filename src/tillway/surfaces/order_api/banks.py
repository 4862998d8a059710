"""The banks of the payment orders API: the directory as its document writes it, nested as it is."""

from collections.abc import Sequence
from typing import Final

from pydantic import Field

from tillway.domain.banks import Bank, BankKind, Directory
from tillway.surfaces.order_api.rendering import Meta, Written
from tillway.surfaces.order_api.rules import alpha_3

DEEPEST: Final = 3
"""Levels: a bank's brands, their kinds of access, and the banks themselves."""


class BankItem(Written):
    """A bank, or a group of them. Only a BANK can be chosen."""

    id: str = Field(examples=["tatra"])
    name: str = Field(examples=["Tatra banka"])
    country_code: str = Field(description="ISO 3166-1 alpha-3.", examples=["SVK"])
    country_code_alpha2: str = Field(alias="countryCodeAlpha2", examples=["SK"])
    item_type: BankKind
    bic: str = Field(description="Empty where none is known.", examples=["TATRSKBX"])
    logo_url: str = Field(description="Empty where there is none.")
    children: list["BankItem"] | None = Field(None, description="What is in a group.")


class BanksAnswer(Written):
    """The banks, in the order in which they are shown."""

    meta: Meta
    data: list[BankItem]


def bank_bodies(directory: Directory, country: str, group: str = "", depth: int = 1) -> Sequence[dict[str, object]]:
    """The banks and groups directly in a group, of a country (alpha-2; empty: of every one), with what is in them."""
    return [_body(directory, bank, depth) for bank in directory.within(group, country)]


def bank_options(directory: Directory, country: str) -> Sequence[tuple[str, str]]:
    """Every bank that can be chosen, as values and labels; those of a country (alpha-2), if it has any, first."""
    banks = [bank for bank in directory.banks if bank.kind is BankKind.BANK]
    banks.sort(key=lambda bank: bank.country != country)
    return [(bank.id, f"{bank.name} ({bank.country})") for bank in banks]


def _body(directory: Directory, bank: Bank, depth: int) -> dict[str, object]:
    body: dict[str, object] = {
        "id": bank.id,
        "name": bank.name,
        "countryCode": alpha_3(bank.country),
        "countryCodeAlpha2": bank.country,
        "itemType": bank.kind,
        "bic": bank.bic,
        "logoUrl": bank.logo_url,
    }
    if bank.kind is not BankKind.BANK and depth < DEEPEST:
        body["children"] = bank_bodies(directory, "", bank.id, depth + 1)
    return body
