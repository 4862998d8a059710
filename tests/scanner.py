"""A scanner of QR codes that knows nothing of how we draw them: zbarimg, shown the squares of a drawing."""

import re
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

_RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")
_PIXELS_A_MODULE = 4
_SECONDS = 20


def scanned(svg: str) -> bytes:
    """The bytes that a drawn QR code carries, as they stand in it."""
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "code.pgm"
        picture.write_bytes(_picture(modules(svg)))
        return subprocess.run(
            ["zbarimg", "--quiet", "--raw", "--oneshot", "-Sdisable", "-Sqrcode.enable", "-Sbinary", str(picture)],
            capture_output=True,
            check=True,
            timeout=_SECONDS,
        ).stdout


def modules(svg: str) -> list[list[bool]]:
    """The squares of a drawing row by row, quiet zone and all; True is dark."""
    drawn = ElementTree.fromstring(svg)
    side = int(drawn.attrib["viewBox"].split()[-1])
    rows = [[False] * side for _ in range(side)]
    for left, top, width in _RUN.findall(svg):
        rows[int(top)][int(left) : int(left) + int(width)] = [True] * int(width)
    return rows


def _picture(rows: list[list[bool]]) -> bytes:
    """A portable grey map of the squares."""
    side = len(rows) * _PIXELS_A_MODULE
    lines = (b"".join((b"\x00" if dark else b"\xff") * _PIXELS_A_MODULE for dark in row) for row in rows)
    return b"P5 %d %d 255\n" % (side, side) + b"".join(line * _PIXELS_A_MODULE for line in lines)
