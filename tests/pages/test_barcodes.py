"""Pictures for scanners: read back by the rules of the symbols, and clean enough for a strict policy."""

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from barcode.charsets import code128

from tillway.surfaces.common.barcodes import QUIET_MODULES, code128_modules, code128_svg, qr_svg

NUMBER = "6061001234567890125"
SYMBOL, STOP = 11, "1100011101011"


def read_code128(modules: str) -> str:
    """The text of a Code 128 by ISO/IEC 15417: symbols of eleven modules, a check symbol modulo 103, a stop."""
    assert modules.endswith(STOP)
    symbols = [modules[at : at + SYMBOL] for at in range(0, len(modules) - len(STOP), SYMBOL)]
    start, *values, check = (code128.CODES.index(symbol) for symbol in symbols)
    assert (start + sum(place * value for place, value in enumerate(values, 1))) % 103 == check
    text, in_pairs = "", start == code128.START_CODES["C"]
    for value in values:
        if value in (code128.C["TO_B"], code128.B["TO_C"]) and value >= 99:
            in_pairs = not in_pairs
        else:
            text += f"{value:02d}" if in_pairs else chr(value + 32)
    return text


def bars(svg: str) -> str:
    """The modules that a drawn barcode shows, its quiet zones cut off."""
    width = int(re.findall(r'viewBox="0 0 (\d+)', svg)[0])
    shown = ["0"] * width
    for start, length in re.findall(r"M(\d+) 0h(\d+)", svg):
        shown[int(start) : int(start) + int(length)] = "1" * int(length)
    return "".join(shown)[QUIET_MODULES:-QUIET_MODULES]


def test_a_barcode_says_the_number() -> None:
    assert read_code128(code128_modules(NUMBER)) == NUMBER


def test_the_drawing_shows_every_bar() -> None:
    assert bars(code128_svg(NUMBER, "a card")) == code128_modules(NUMBER)


@pytest.mark.parametrize("draw", [code128_svg, qr_svg])
def test_a_drawing_is_plain_svg_that_a_strict_policy_lets_through(draw: Callable[[str, str], str]) -> None:
    svg = draw(NUMBER, 'card "1" <of> 2 & more')
    assert ElementTree.fromstring(svg).get("aria-label") == 'card "1" <of> 2 & more'
    assert not re.search(r"style|script|href|url\(|on\w+=", svg)
