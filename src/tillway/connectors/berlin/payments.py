"""One payment at one bank, as the standard's resource: made once, asked about, cancelled, and its authorisations."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from tillway.connectors.berlin import messages, reading
from tillway.connectors.berlin.aspsps import Aspsp
from tillway.connectors.berlin.reading import ScaStatus
from tillway.connectors.berlin.transport import Said, Wire, body_of
from tillway.connectors.protocol import CreditTransfer, Operation

PAYMENTS = "/v1/payments"


@dataclass(frozen=True, slots=True)
class FarPayment:
    """How an operation is asked about at its bank, and in which product; `home` is our own address."""

    wire: Wire
    bank: Aspsp
    product: str
    operation: Operation
    transfer: CreditTransfer
    home: str

    async def initiate(self) -> Said | None:
        """Make the payment, or learn of the one that was made under the same request id."""
        body = messages.payment(self.operation, self.transfer)
        headers = messages.journey_headers(self.operation.journey, self.home)
        return await self._ask("POST", "", messages.request_id(self.operation.id, "begin"), body, headers)

    async def status(self, identity: str) -> Said | None:
        """How it stands."""
        return await self._read(f"/{quote(identity, safe='')}/status")

    async def detail(self, identity: str) -> Said | None:
        """All that the bank tells of it."""
        return await self._read(f"/{quote(identity, safe='')}")

    async def cancel(self, identity: str) -> Said | None:
        """Cancel it."""
        return await self._ask("DELETE", f"/{quote(identity, safe='')}", messages.fresh_request_id())

    async def authorisations(self, identity: str) -> tuple[str, ...] | None:
        """The ids of its authorisations; None if the bank does not tell."""
        said = await self._read(self._below(identity))
        return reading.identities_in(said.members, "authorisationIds") if said is not None and said.is_done else None

    async def sca_status(self, identity: str, authorisation: str) -> Said | None:
        """How far an authorisation is."""
        return await self._read(self._below(identity, authorisation))

    async def is_authorised(self, identity: str) -> bool:
        """Whether the payer has authorised it, or needs not."""
        for authorisation in await self.authorisations(identity) or ():
            said = await self.sca_status(identity, authorisation)
            if said is not None and said.is_done and reading.sca_status_of(said.members) in reading.AUTHORISED:
                return True
        return False

    async def is_turned_down(self, identity: str) -> bool:
        """Whether the payer has tried to authorise it, and has failed or turned away each time."""
        known = await self.authorisations(identity)
        for authorisation in known or ():
            said = await self.sca_status(identity, authorisation)
            if said is None or not said.is_done or reading.sca_status_of(said.members) is not ScaStatus.FAILED:
                return False
        return bool(known)

    async def authorise(
        self, identity: str, members: Mapping[str, object] | None = None, headers: Mapping[str, str] | None = None
    ) -> Said | None:
        """Begin an authorisation, or learn of the one that was begun."""
        sent = {**messages.journey_headers(self.operation.journey, self.home), **(headers or {})}
        act = messages.request_id(self.operation.id, "authorise")
        return await self._ask("POST", self._below(identity), act, body_of(members or {}), sent)

    async def update(
        self, identity: str, authorisation: str, members: Mapping[str, object], headers: Mapping[str, str]
    ) -> Said | None:
        """Tell an authorisation what the payer gave."""
        path = self._below(identity, authorisation)
        return await self._ask("PUT", path, messages.fresh_request_id(), body_of(members), headers)

    async def _read(self, path: str) -> Said | None:
        return await self._ask("GET", path, messages.fresh_request_id())

    async def _ask(
        self, method: str, path: str, request_id: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Said | None:
        where = f"{PAYMENTS}/{quote(self.product)}{path}"
        return await self.wire.ask(self.bank, method, where, request_id, body, headers)

    def _below(self, identity: str, authorisation: str = "") -> str:
        path = f"/{quote(identity, safe='')}/authorisations"
        return f"{path}/{quote(authorisation, safe='')}" if authorisation else path
