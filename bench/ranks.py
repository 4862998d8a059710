"""The rank test of Mann and Whitney: whether one kind of thing takes longer than another, however times scatter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranked:
    """How two samples compare.

    `above` is how often one of the first exceeds one of the second (0.5: as often as not), and `p` how likely a
    difference as large is where there is none.
    """

    above: float
    p: float


def compare(first: Sequence[float], second: Sequence[float]) -> Ranked:
    """Rank two samples of at least twenty each together; two-sided, by the normal approximation, ties shared."""
    one, two = len(first), len(second)
    both = sorted([(value, True) for value in first] + [(value, False) for value in second])
    total, rank_sum, ties, place = one + two, 0.0, 0, 0
    while place < total:
        end = place
        while end < total and both[end][0] == both[place][0]:
            end += 1
        rank_sum += (place + 1 + end) / 2 * sum(is_first for _, is_first in both[place:end])
        ties += (end - place) ** 3 - (end - place)
        place = end
    exceeding = rank_sum - one * (one + 1) / 2
    spread = math.sqrt(one * two / 12 * (total + 1 - ties / (total * (total - 1))))
    score = abs(exceeding - one * two / 2) / spread if spread else 0.0
    return Ranked(exceeding / (one * two), math.erfc(score / math.sqrt(2)))
