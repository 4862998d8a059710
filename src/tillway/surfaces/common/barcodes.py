"""Card numbers as pictures a scanner reads: Code 128 and QR, drawn as inline SVG or as bare modules for print."""

import segno
from barcode.codex import Code128

QUIET_MODULES = 10
"""Empty modules on either side of a Code 128, as ISO/IEC 15417 asks."""

_HEIGHT_MODULES = 40
_QR_QUIET_MODULES = 4


def code128_modules(text: str) -> str:
    """The bars of `text` in Code 128 without its quiet zones: one character a module, `1` a bar, `0` a space."""
    return Code128(text).build()[0]


def code128_svg(text: str, label: str) -> str:
    """`text` as a Code 128 in an `<svg>` element that carries no style, script or address.

    `label` is what a screen reader says; it is escaped here. The picture is black on white in either colour scheme,
    since a scanner needs the contrast, and is sized by the page: its view box counts modules.
    """
    modules = code128_modules(text)
    width = len(modules) + 2 * QUIET_MODULES
    path = "".join(
        f"M{start + QUIET_MODULES} 0h{length}v{_HEIGHT_MODULES}h-{length}z" for start, length in _bars(modules)
    )
    return _svg("barcode", width, _HEIGHT_MODULES, f'<path fill="#000" d="{path}"/>', label)


def qr_svg(text: str, label: str, *, exactly_m: bool = False) -> str:
    """`text` in UTF-8 as a QR code with four quiet modules, under the same promises as `code128_svg`.

    Its error correction is M, or better where that takes no more modules; `exactly_m` is for standards that say M.
    """
    # Left to choose, the library would write Latin letters as ISO 8859-1 and Cyrillic ones as Shift JIS.
    rows = segno.make_qr(text, error="m", encoding="utf-8", boost_error=not exactly_m).matrix
    path = "".join(
        f"M{start + _QR_QUIET_MODULES} {row + _QR_QUIET_MODULES}h{length}v1h-{length}z"
        for row, modules in enumerate(rows)
        for start, length in _bars("".join("1" if module else "0" for module in modules))
    )
    side = len(rows) + 2 * _QR_QUIET_MODULES
    return _svg("qr", side, side, f'<path fill="#000" d="{path}"/>', label)


def _bars(modules: str) -> list[tuple[int, int]]:
    """Where each run of dark modules starts, and how long it is."""
    bars: list[tuple[int, int]] = []
    for position, module in enumerate(modules):
        if module != "1":
            continue
        if bars and sum(bars[-1]) == position:
            bars[-1] = (bars[-1][0], bars[-1][1] + 1)
        else:
            bars.append((position, 1))
    return bars


def _svg(name: str, width: int, height: int, drawing: str, label: str) -> str:
    return (
        f'<svg class="{name}" viewBox="0 0 {width} {height}" role="img" aria-label="{_escaped(label)}"'
        f' preserveAspectRatio="none">'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{drawing}</svg>'
    )


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
