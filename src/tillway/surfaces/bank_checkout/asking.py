"""What banks ask for on our page, said in the reader's language where we know it, else in the bank's own words."""

from collections.abc import Callable

from tillway.connectors.protocol import Asked

Text = Callable[[str], str]


def label_of(asked: Asked, _: Text) -> str:
    """What stands at a field; the names that we know are those of the Berlin Group's framework."""
    known = {
        "psuId": _("User name at your bank"),
        "password": _("Password at your bank"),
        "authenticationMethodId": _("How you want to confirm"),
        "scaAuthenticationData": _("Code from your bank"),
    }
    return known.get(asked.name) or asked.label or asked.name
