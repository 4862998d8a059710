"""Which entry of a table a request's path belongs to."""

import re
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar
from urllib.parse import unquote

EntryT = TypeVar("EntryT")

LONGEST_PATH = 1024

_PARAMETER = re.compile(r"\{(\w+)\}")
_SEGMENT = rb"([!-.0-~]{1,800})"
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_NOTHING: Mapping[str, str] = {}


class PathTable(Generic[EntryT]):
    """Entries by path template (`/v1/payments/{paymentId}`), found by one regular expression for all.

    Paths are matched as they were sent, and parameters decoded afterwards, so that `%2F` in a parameter stays part of
    it and cannot reach another entry. A trailing slash makes no difference.
    """

    def __init__(self, entries: Iterable[tuple[str, EntryT]]) -> None:
        self._fixed: dict[bytes, EntryT] = {}
        self._open: dict[int, tuple[EntryT, tuple[str, ...]]] = {}
        alternatives: list[bytes] = []
        group = 1
        for template, entry in entries:
            names = tuple(_PARAMETER.findall(template))
            if names:
                self._open[group] = (entry, names)
                alternatives.append(_alternative(template))
                group += 1 + len(names)
            else:
                self._fixed[template.encode("ascii")] = entry
        self._pattern = re.compile(b"|".join(alternatives) if alternatives else rb"(?!)")

    def find(self, raw_path: bytes) -> tuple[EntryT, Mapping[str, str]] | None:
        """The entry of a path, percent-encoded as it was sent, with its parameters decoded; None if there is none."""
        if len(raw_path) > LONGEST_PATH:
            return None
        if raw_path.endswith(b"/"):
            raw_path = raw_path[:-1]
        entry = self._fixed.get(raw_path)
        if entry is not None:
            return entry, _NOTHING
        match = self._pattern.fullmatch(raw_path)
        if match is None or match.lastindex is None:
            return None
        entry, names = self._open[match.lastindex]
        values = match.groups()[match.lastindex : match.lastindex + len(names)]
        if b"%" not in raw_path:
            return entry, {name: value.decode("ascii") for name, value in zip(names, values, strict=True)}
        parameters = {name: _decoded(value) for name, value in zip(names, values, strict=True)}
        return (entry, parameters) if "" not in parameters.values() else None


def _alternative(template: str) -> bytes:
    parts = _PARAMETER.split(template)
    fixed = [re.escape(part.encode("ascii")) for part in parts[::2]]
    return b"(" + _SEGMENT.join(fixed) + b")"


def _decoded(segment: bytes) -> str:
    """The text of a percent-encoded path segment; empty for one that is not UTF-8 or has control characters."""
    try:
        text = unquote(segment.decode("ascii"), errors="strict")
    except UnicodeDecodeError:
        return ""
    return "" if _CONTROL.search(text) else text
