"""The variable, specific and constant symbol of Slovak and Czech payments, wherever a bank has put them."""

import re
from dataclasses import dataclass

_WRITTEN = re.compile(r"(?<![A-Za-z])(VS|SS|KS)[:=./ ]{0,2}([0-9]{1,10})(?![0-9])")
_LONGEST = {"VS": 10, "SS": 10, "KS": 4}


@dataclass(frozen=True, slots=True)
class Symbols:
    """Digits, with their leading zeros; empty where there is none."""

    variable: str = ""
    specific: str = ""
    constant: str = ""


def symbols_in(*texts: str) -> Symbols:
    """The symbols written in the texts, as "/VS123/SS456/KS0308" (Slovak Banking Association) or "VS:123" (Czech).

    Each is taken where it comes first. One of zeros only means none.
    """
    found: dict[str, str] = {}
    for text in texts:
        for kind, digits in _WRITTEN.findall(text):
            if told := symbol(digits, _LONGEST[kind]):
                found.setdefault(kind, told)
    return Symbols(found.get("VS", ""), found.get("SS", ""), found.get("KS", ""))


def symbol(text: str, longest: int = 10) -> str:
    """A symbol that stands alone; empty if it is none."""
    told = text.strip()
    is_one = told.isascii() and told.isdigit() and len(told) <= longest and told.strip("0")
    return told if is_one else ""


def is_symbol(text: str) -> bool:
    """Whether a text says nothing but one symbol, as Czech banks fill a structured reference."""
    return _WRITTEN.fullmatch(text.strip()) is not None
