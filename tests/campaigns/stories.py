"""What tills do all day: the life of one payment at a time, as a seed tells it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from tests.campaigns.traffic import Traffic, new_key
from tests.clients.till import Answer, Json, Till, card


@dataclass(frozen=True, slots=True)
class Cards:
    """The numbers that a till pays with: two of its own, one that all tills share, and some whose issuers misbehave."""

    own: tuple[str, str]
    shared: str
    silent_and_never_received: str
    silent_but_paid: str
    failing: str

    def all(self) -> tuple[str, ...]:
        """Every number."""
        return (*self.own, self.shared, self.silent_and_never_received, self.silent_but_paid, self.failing)


@dataclass(slots=True)
class Life:
    """What is known of a payment by what was answered; amounts are in the major unit.

    `pending` is what may still become of a call whose issuer was silent: the card and what it may have given.
    """

    payment_id: str
    total: Decimal
    status: str = "created"
    taken: list[tuple[str, Decimal]] = field(default_factory=list[tuple[str, Decimal]])
    refunded: Decimal = Decimal()
    pending: tuple[str, Decimal] | None = None

    @property
    def paid(self) -> Decimal:
        """What its cards have given."""
        return sum((amount for _, amount in self.taken), Decimal())

    def learn(self, status: str) -> None:
        """What became of a call in doubt: all of it happened, or nothing."""
        if self.pending is not None and status == "completed":
            self.status, self.taken, self.pending = status, [self.pending], None


@dataclass(slots=True)
class Teller:
    """One of several who share a till's credentials, with cards of its own, going through payment after payment."""

    name: str
    till: Till
    cards: Cards
    random: Random
    traffic: Traffic
    webhook_url: str
    lives: list[Life] = field(default_factory=list[Life])

    async def next_payment(self) -> None:
        """Create a payment and do with it what the seed says."""
        total = Decimal(self.random.randrange(200, 30_000)) / 100
        reference = f"receipt {len(self.lives)} of {self.name}"
        asked = {"amount": float(total), "accessMode": "api", "webhookUrl": self.webhook_url, "reference": reference}
        created = await self._ask("", asked)
        assert created.status == 200, created
        life = Life(created.body["paymentId"], total)
        self.lives.append(life)
        (story,) = self.random.choices(self._stories(), [weight for weight, _ in _WEIGHTS])
        await story(life)
        if life.status == "completed" and self.random.random() < 0.4:
            await self._refund(life)

    def _stories(self) -> list[Callable[[Life], Awaitable[None]]]:
        return [getattr(self, f"_{name}") for _, name in _WEIGHTS]

    async def _one_card(self, life: Life) -> None:
        await self._perform(life, [(self.cards.own[0], life.total)])

    async def _shared_card(self, life: Life) -> None:
        await self._perform(life, [(self.cards.shared, life.total)])

    async def _two_cards(self, life: Life) -> None:
        first = self._part(life)
        await self._perform(life, [(self.cards.own[0], first), (self.cards.own[1], life.total - first)])

    async def _in_parts(self, life: Life) -> None:
        first = self._part(life)
        await self._perform(life, [(self.cards.own[1], first)], final=False)
        await self._perform(life, [(self.cards.shared, life.total - first)])

    async def _part_only(self, life: Life) -> None:
        await self._perform(life, [(self.cards.own[0], self._part(life))], allow_partial=True)

    async def _part_and_abort(self, life: Life) -> None:
        await self._perform(life, [(self.cards.own[0], self._part(life))], final=False)
        await self._abort(life)

    async def _abort(self, life: Life) -> None:
        answer = await self._ask(f"/{life.payment_id}/abort", None)
        if self._went_well(answer):
            life.status, life.taken = "aborted", []

    async def _silent_and_never_received(self, life: Life) -> None:
        await self._perform_in_doubt(life, self.cards.silent_and_never_received)

    async def _silent_but_paid(self, life: Life) -> None:
        await self._perform_in_doubt(life, self.cards.silent_but_paid)

    async def _failing(self, life: Life) -> None:
        answer = await self._pay(life, [card(self.cards.failing)])
        if answer.error != 254:
            self.traffic.surprises.append(f"a failing issuer was told as {answer.text}")

    async def _perform_in_doubt(self, life: Life, number: str) -> None:
        """The answer is 253, unless a kill gave the background time to find out before the call was made again."""
        answer = await self._pay(life, [card(number)])
        if answer.status == 200:
            life.status, life.taken = "completed", [(number, life.total)]
        elif answer.error in {253, 254}:
            life.pending = (number, life.total)
        else:
            self.traffic.surprises.append(f"a silent issuer was told as {answer.text}")

    async def _perform(
        self, life: Life, parts: list[tuple[str, Decimal]], *, final: bool = True, allow_partial: bool = False
    ) -> None:
        uses = [card(number, float(amount)) for number, amount in parts]
        answer = await self._pay(life, uses, final=final, allowPartial=allow_partial)
        if self._went_well(answer):
            life.taken += parts
            life.status = answer.body["status"]

    async def _pay(self, life: Life, uses: list[Json], **members: object) -> Answer:
        return await self._ask(f"/{life.payment_id}/perform", {"cards": uses, **members})

    async def _refund(self, life: Life) -> None:
        amount = Decimal(self.random.randint(1, int(life.paid * 100))) / 100
        answer = await self._ask(f"/{life.payment_id}/refunds", {"amount": float(amount)})
        if self._went_well(answer):
            life.refunded += amount

    async def _ask(self, path: str, body: object) -> Answer:
        """Make a call under a new key; now and then once more, as tills do that did not trust the answer."""
        key = new_key(self.random)
        answer = await self.traffic.ask(self.till, "POST", f"/v1/payments{path}", body, key)
        if answer.status == 200 and self.random.random() < 0.05:
            again = await self.traffic.ask(self.till, "POST", f"/v1/payments{path}", body, key)
            if again.text != answer.text or not again.is_replayed:
                self.traffic.surprises.append(f"{path} was answered {answer.text} and then {again.text}")
        return answer

    def _went_well(self, answer: Answer) -> bool:
        if answer.status != 200:
            self.traffic.surprises.append(f"refused without reason: {answer.status} {answer.text}")
        return answer.status == 200

    def _part(self, life: Life) -> Decimal:
        return Decimal(self.random.randrange(1, int(life.total * 100))) / 100


_WEIGHTS = (
    (30, "one_card"),
    (10, "shared_card"),
    (20, "two_cards"),
    (12, "in_parts"),
    (5, "part_only"),
    (8, "part_and_abort"),
    (5, "abort"),
    (3, "silent_and_never_received"),
    (4, "silent_but_paid"),
    (3, "failing"),
)
