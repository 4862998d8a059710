"""The bank that a browser has used before, kept in a cookie of its own: a country and a bank's id, no more."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from tillway.surfaces.common.payment_links import BANK_ROOM
from tillway.surfaces.common.security_headers import cookie
from tillway.surfaces.common.visits import Visit

COOKIE = "bank"
PATH = f"/{BANK_ROOM}"
LASTS_SECONDS = 365 * 86_400

_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Remembered:
    """The country (ISO 3166-1 alpha-2) last looked at, and the id of the bank last used; empty where there is none."""

    country: str = ""
    bank_id: str = ""

    def field(self, *, secure: bool) -> tuple[bytes, bytes]:
        """The `Set-Cookie` field that keeps it for a year."""
        value = f"{self.country}.{quote(self.bank_id, safe='')}"
        return cookie(COOKIE, value, secure=secure, lasts_seconds=LASTS_SECONDS, path=PATH)


def remembered_by(visit: Visit) -> Remembered:
    """What the browser has kept. Nobody has checked it: it may name a country or a bank that there is not."""
    value = visit.cookie(COOKIE, PATH)
    country, dot, bank_id = value.partition(".")
    if not dot or len(value) > _LONGEST:
        return Remembered()
    return Remembered(country, unquote(bank_id))
