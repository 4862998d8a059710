"""The resolver: asks connectors about everything that is in doubt, until nothing is."""

from tillway.commands.outcomes import resolve_call, resolve_late, resolve_refund, resolve_reversals
from tillway.commands.tools import Tools
from tillway.domain.ids import PaymentId
from tillway.domain.payments import AttemptState
from tillway.store.due import attempts_to_resolve, refunds_to_resolve
from tillway.workers.loop import Chore
from tillway.workers.together import all_of

AT_ONCE = 64
RESTS = (0.1, 1.0)


class Resolver:
    """Looks up attempts, reverses what nobody wants any more, returns late money and refunds, longest waiting first."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def chore(self) -> Chore:
        """Resolve, as the loop does it."""
        return Chore("resolve", self.turn, RESTS)

    async def turn(self) -> bool:
        """Ask about up to AT_ONCE attempts and as many refunds; one step may lead to the next."""
        now = self._tools.now()
        attempts = await self._tools.store.fetch(attempts_to_resolve(now, AT_ONCE))
        refunds = await self._tools.store.fetch(refunds_to_resolve(now, AT_ONCE))
        calls = {row[0] for row in attempts if row[1] == AttemptState.OPEN}
        reversals = {row[0] for row in attempts if row[1] == AttemptState.REVERSING}
        late = {row[0] for row in attempts if row[1] == AttemptState.LATE}
        jobs = (
            *(resolve_call(self._tools, PaymentId(one), may_begin=False) for one in calls),
            *(resolve_reversals(self._tools, PaymentId(one)) for one in reversals),
            *(resolve_late(self._tools, PaymentId(one)) for one in late),
            *(resolve_refund(self._tools, PaymentId(one), number) for one, number in {tuple(row) for row in refunds}),
        )
        return await all_of("resolve", jobs) and bool(jobs)
