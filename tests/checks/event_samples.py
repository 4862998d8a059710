"""An event of any kind, for tests and pages that only want to know what would be told of it."""

from typing import Any, get_type_hints

from tillway.domain.events import Event


def sample_of(kind: Any) -> Event:
    """An event of this kind, whatever its members are."""
    samples = {"int": 1, "str": "EUR"}
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name != "kind"}
    return kind(*(samples.get(getattr(hint, "__name__", ""), "EUR") for hint in hints.values()))
