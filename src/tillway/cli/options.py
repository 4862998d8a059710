"""The options that commands have in common."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

Data: TypeAlias = Annotated[
    Path | None,
    typer.Option("--data", metavar="DIR", help="The data folder. Else TILLWAY_DATA, else ./data.", show_default=False),
]
Database: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="A postgresql:// address or a SQLite file. Else TILLWAY_DATABASE, else tillway.sqlite3 in DIR.",
        show_default=False,
    ),
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]
Host: TypeAlias = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="The address to listen on. Else TILLWAY_HOST, else 127.0.0.1.")
]
Port: TypeAlias = Annotated[
    int | None, typer.Option(metavar="PORT", min=1, max=65_535, help="The port. Else TILLWAY_PORT, else 8080.")
]


class ApiWord(StrEnum):
    """The APIs that a client can speak."""

    GIFT_CARD = "gift_card"
    WEB = "web"
    ORDER = "order"
    MANAGEMENT = "management"


class Secret(StrEnum):
    """The secrets of a client that can be replaced."""

    CALLING = "calling"
    SIGNING = "signing"
    TENANT = "tenant"
    LOGIN = "login"


class GrantWord(StrEnum):
    """What clients of the payment orders API may do, or want, beyond the rest."""

    REFUNDS = "refunds"
    STRICT = "strict"
    REFUNDS_CAPPED_AT_PAID = "refunds_capped_at_paid"


class HookWord(StrEnum):
    """What hooks are called for."""

    PAYMENT_STATUS_CHANGE = "payment.statusChange"
    PAYMENT_STATUS_CHECK = "payment.statusCheck"
    ORDER_STATUS_CHANGE = "order.statusChange"


class NoticeWord(StrEnum):
    """The states of webhooks."""

    DUE = "due"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
