"""How a payment stands: what every act on a payment answers, and what every surface renders."""

from tillway.domain.orders import Order
from tillway.domain.payments import TAKEN, Attempt, AttemptState, Payment
from tillway.domain.values import value


@value
class Standing:
    """A payment with its order and its attempts, first to last."""

    order: Order
    payment: Payment
    attempts: tuple[Attempt, ...]

    def taken(self) -> list[Attempt]:
        """The attempts that make up what has been paid."""
        return [attempt for attempt in self.attempts if attempt.state in TAKEN]

    def awaits_issuer(self) -> bool:
        """Whether the outcome of an attempt is not known yet."""
        return any(attempt.state is AttemptState.OPEN for attempt in self.attempts)
