"""A far side with a page of its own, kept in memory: it does what a test says, and remembers what it was asked."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route, Router

from tillway.connectors.protocol import Callback, CallbackRefused, Journey, Operation
from tillway.domain.outcomes import Declined, Outcome, Paid, Pending

PAID = Paid("far-1", "Visa", "4242")
SIGNATURE = "right"

_PAGE = """<!doctype html><html lang="en"><title>Bank</title><link rel="icon" href="data:,"><h1>Bank</h1>
<form method="post"><button name="say" value="yes">Confirm</button>
<button name="say" value="no">Refuse</button><button name="say" value="">Leave</button></form>"""


@dataclass(slots=True)
class FarSide:
    """A connector. `begins` is what it answers first: None sends the payer to its page, which asks them.

    `url` is where its page is served; `lets_go` says whether it undoes what is not finished.
    """

    begins: Outcome | None = None
    lets_go: bool = True
    url: str = ""
    journeys: dict[str, Journey] = field(default_factory=dict[str, Journey])
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    began: Counter[str] = field(default_factory=Counter[str])

    @property
    def limit_seconds(self) -> float:
        """Long enough for a test's own process."""
        return 5.0

    async def begin(self, operation: Operation) -> Outcome:
        """The same answer each time; the payer's page counts once."""
        assert operation.journey is not None
        self.journeys[operation.id] = operation.journey
        self.began[operation.id] += 1
        step = Pending(step_url=f"{self.url}/confirm/{operation.id}")
        return self.outcomes.setdefault(operation.id, self.begins or step)

    async def look_up(self, operation: Operation) -> Outcome:
        """How it stands; what never arrived can no longer happen."""
        return self.outcomes.setdefault(operation.id, Declined("never_received"))

    async def reverse(self, operation: Operation) -> Outcome:
        """Undo what is not paid yet, if it lets go at all."""
        if isinstance(self.outcomes.get(operation.id), Paid):
            return Declined("taken")
        if self.lets_go:
            self.outcomes[operation.id] = Declined("payer_cancelled")
        return Paid() if self.lets_go else Pending()

    async def refund(self, operation: Operation, refunded_id: str) -> Outcome:
        """Always given back."""
        return Paid()

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: int) -> tuple[Callback, ...]:
        """`{"id": operation}` with the right signature tells that it is paid. Raises CallbackRefused."""
        if headers.get("x-signature") != SIGNATURE:
            raise CallbackRefused("not signed")
        try:
            told = msgspec.json.decode(body, type=dict[str, str])
        except msgspec.MsgspecError:
            raise CallbackRefused("not readable") from None
        return (Callback(told["id"], PAID),) if "id" in told else ()

    def pays(self, operation_id: str) -> None:
        """The payer has confirmed, and nobody was told."""
        self.outcomes[operation_id] = PAID

    def pages(self) -> Router:
        """Its own site."""
        return Router([Route("/confirm/{id}", self._page), Route("/confirm/{id}", self._confirmed, methods=["POST"])])

    async def _page(self, request: Request) -> Response:
        return HTMLResponse(_PAGE)

    async def _confirmed(self, request: Request) -> Response:
        operation = request.path_params["id"]
        async with request.form() as form:
            said = form["say"]
        if said:
            self.outcomes[operation] = PAID if said == "yes" else Declined("insufficient_funds")
        return RedirectResponse(self.journeys[operation].return_url, 303)
