"""Account numbers of statements as IBANs, whichever way a bank writes them."""

import re

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

_CZECHOSLOVAK = re.compile(r"(?:([0-9]{1,6})-)?([0-9]{1,10})")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_CURRENCY_BEHIND = re.compile(r"[A-Z]{3}")
_HOME_OF_CURRENCY = {"CZK": "CZ", "EUR": "SK"}
_LONGEST = 80


def iban_of(text: str) -> str:
    """The IBAN in a text, with blanks or with a BIC or a currency beside it ("…/EUR"); empty if none is valid."""
    told = text[:_LONGEST].upper()
    for part in (told, *told.split("/")):
        compact = part.replace(" ", "")
        for candidate in (compact, compact[:-3] if _CURRENCY_BEHIND.fullmatch(compact[-3:]) else ""):
            if _IBAN.fullmatch(candidate) and (iban := valid(candidate)):
                return iban
    return ""


def valid(text: str) -> str:
    """The IBAN, if its length and its check digits are right; empty if not."""
    try:
        return IBAN(text).compact
    except SchwiftyException:
        return ""


def iban_of_domestic(number: str, bank: str, country: str) -> str:
    """The IBAN of a domestic account ("19-2000145399" at bank "0800" of CZ or SK, or one of DE); empty if none."""
    number, bank = number.replace(" ", ""), bank.replace(" ", "")
    if not (bank.isascii() and bank.isdigit()):
        return ""
    if country in ("CZ", "SK") and len(bank) == 4 and (told := _CZECHOSLOVAK.fullmatch(number)):
        return _with_check_digits(country, f"{bank}{(told[1] or '').zfill(6)}{told[2].zfill(10)}")
    if country == "DE" and len(bank) == 8 and number.isascii() and number.isdigit() and len(number) <= 10:
        return _with_check_digits(country, f"{bank}{number.zfill(10)}")
    return ""


def iban_of_own(text: str, currency: str) -> str:
    """The IBAN of the account a statement is of, told as such or as bank code and number ("1100/2621234567"); or empty.

    A bank code of eight digits is German; one of four is Czech or Slovak, which the currency tells apart.
    """
    if iban := iban_of(text):
        return iban
    bank, _, number = text[:_LONGEST].strip().partition("/")
    country = "DE" if len(bank) == 8 else _HOME_OF_CURRENCY.get(currency, "")
    return iban_of_domestic(number.partition("/")[0], bank, country)


def _with_check_digits(country: str, bban: str) -> str:
    digits = "".join(str(int(letter, 36)) for letter in f"{bban}{country}00")
    return valid(f"{country}{98 - int(digits) % 97:02d}{bban}")
