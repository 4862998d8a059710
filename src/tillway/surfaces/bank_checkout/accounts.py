"""The IBAN that somebody types into a page: what is one, and how it is written for people."""

from schwifty import IBAN
from schwifty.exceptions import InvalidChecksumDigits, InvalidCountryCode, InvalidLength, SchwiftyException

from tillway.surfaces.bank_checkout.views import IbanFault

LONGEST_ENTRY = 60
"""How much of a mistyped IBAN is kept, to be corrected."""

_SEPARATORS = str.maketrans("", "", "-.")


def read_iban(entered: str) -> str | IbanFault:
    """The IBAN in its electronic form (ISO 13616: capitals, no spaces), or what is wrong with what was entered."""
    compact = "".join(entered.split()).translate(_SEPARATORS).upper()
    if not compact:
        return IbanFault.MISSING
    if len(compact) > LONGEST_ENTRY or not (compact.isascii() and compact.isalnum()):
        return IbanFault.FORM
    if not compact[:2].isalpha():
        return IbanFault.COUNTRY
    try:
        return str(IBAN(compact).compact)
    except InvalidCountryCode:
        return IbanFault.COUNTRY
    except InvalidLength:
        return IbanFault.LENGTH
    except InvalidChecksumDigits:
        return IbanFault.CHECK_DIGITS
    except SchwiftyException:
        return IbanFault.FORM


def grouped(iban: str) -> str:
    """An IBAN in groups of four, as it is printed (ISO 13616)."""
    return " ".join(iban[start : start + 4] for start in range(0, len(iban), 4))
