"""Whether a bad login tells by its time what was wrong with it: the padding oracle that there must not be.

Kinds of bad signatures are sent in rounds, one of each in random order over one connection, each as if from another
address. Then the times of every kind are ranked with those of the first.
"""

import base64
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median

from bench import gateway, ranks
from bench.load import burst, web_requests
from bench.load.web_requests import WebCaller
from bench.load.wrk import WrongAnswers
from bench.report import Aim, Report, Row, Sample
from bench.seeding import Shop, tools_of
from bench.speed import Effort
from bench.stage import Stage
from tillway.commands.login_keys import KEY_BITS, is_proof
from tillway.queries.registry import Registry

ROUNDS, QUICK_ROUNDS = 3_000, 40
WARM_UP = 10
LEAST_P = 0.01
"""How unlikely a difference may be by chance alone, over all kinds together (Bonferroni)."""

PROXY = "127.0.0.1/32"
_BYTES = KEY_BITS // 8
_OCTETS = range(100, 256)

Bad = Callable[[], tuple[str, str]]
"""Makes a timestamp and a signature that is not right for it."""


async def oracle(stage: Stage, effort: Effort, report: Report) -> None:
    """Rank the times of bad logins, over HTTP and within this process."""
    await listen(await stage.new_shop("sqlite"), ROUNDS if effort.rounds > 1 else QUICK_ROUNDS, report)


async def listen(shop: Shop, rounds: int, report: Report) -> None:
    """So many rounds of bad logins; how each kind compares with the first."""
    kinds = kinds_of(shop.web_caller)
    async with gateway.serve(shop.settings, sandbox=True, environment={"TILLWAY_TRUSTED_PROXIES": PROXY}) as served:
        over_http = await _time_logins(served.url, shop.web_caller, kinds, rounds)
    within = await _time_proofs(shop, kinds, rounds)
    first, *others = kinds
    medians = {kind: median(times) for kind, times in within.items()}
    for kind, times in over_http.items():
        late = sorted(times)[len(times) * 99 // 100]
        sample = Sample(len(times) / sum(times), median(times) * 1e3, late * 1e3, medians[kind] * 1e6)
        report.rows.append(Row("bad logins", kind, (sample,)))
    for kind in others:
        found = ranks.compare(over_http[kind], over_http[first])
        middle = median(over_http[kind]) * 1e6, median(over_http[first]) * 1e6
        how = f"medians {middle[0]:,.0f} and {middle[1]:,.0f} µs of {rounds:,}; slower {found.above:.1%} of the time"
        report.aims.append(Aim(f"oracle: {kind} against {first}, p", found.p, least=LEAST_P / len(others), how=how))
    apart = (max(medians.values()) - min(medians.values())) * 1e6
    how = f"{min(medians.values()) * 1e6:.0f} to {max(medians.values()) * 1e6:.0f} µs"
    report.aims.append(Aim("oracle: medians of the check itself apart, µs", apart, how=how))


def kinds_of(caller: WebCaller) -> dict[str, Bad]:
    """What can be wrong with a proof; the second kind is no other than the first, to see what the test says then."""
    text, other = b"0" * 64, b"short"
    made: Mapping[str, Callable[[], bytes]] = {
        "rubbish": _rubbish,
        "rubbish again": _rubbish,
        "above the modulus": lambda: b"\xff" * 8 + os.urandom(_BYTES - 8),
        "a byte short": lambda: _rubbish()[1:],
        "nothing": lambda: b"",
    }
    kinds: dict[str, Bad] = {kind: partial(_now, make) for kind, make in made.items()}
    kinds["no base64"] = lambda: (web_requests.timestamp_of(), "!" + base64.b64encode(_rubbish()).decode()[1:])
    kinds["right padding, wrong hash"] = lambda: (web_requests.timestamp_of(), web_requests.sign(caller, text))
    kinds["right padding, wrong length"] = lambda: (web_requests.timestamp_of(), web_requests.sign(caller, other))
    kinds["right, but an hour old"] = partial(_old, caller)
    return kinds


def _rubbish() -> bytes:
    """A number below every modulus of the right size."""
    return b"\0" + os.urandom(_BYTES - 1)


def _now(make: Callable[[], bytes]) -> tuple[str, str]:
    return web_requests.timestamp_of(), base64.b64encode(make()).decode()


def _old(caller: WebCaller) -> tuple[str, str]:
    timestamp = web_requests.timestamp_of(datetime.now(UTC) - timedelta(hours=1))
    return timestamp, web_requests.sign(caller, web_requests.proof_text(caller, timestamp).encode())


async def _time_logins(url: str, caller: WebCaller, kinds: Mapping[str, Bad], rounds: int) -> dict[str, list[float]]:
    """The seconds that each kind's answers took, round by round. Raises WrongAnswers."""
    order = [kind for _ in range(WARM_UP + rounds) for kind in random.sample(list(kinds), len(kinds))]
    # All are made before any is sent: encrypting between two of them leaves the gateway idle, and slower, for longer.
    requests = [_request(caller, *kinds[kind]()) for kind in order]
    answers = await burst.drive(url, iter(requests), 1)
    said = {(answer.status, len(answer.body)) for answer in answers}
    if len(said) != 1 or answers[0].status != 401:
        raise WrongAnswers(f"bad logins were answered differently: {said}")
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for kind, answer in list(zip(order, answers, strict=True))[WARM_UP * len(kinds) :]:
        times[kind].append(answer.seconds)
    return times


def _request(caller: WebCaller, timestamp: str, signature: str) -> bytes:
    """A login through a proxy, from an address of its own: not even thirty may fail from one."""
    address = ".".join(["10", *(str(random.choice(_OCTETS)) for _ in range(3))])
    return web_requests.login(caller, timestamp, signature or " ", (f"X-Forwarded-For: {address}",))


async def _time_proofs(shop: Shop, kinds: Mapping[str, Bad], rounds: int) -> dict[str, list[float]]:
    """The seconds that the check alone takes."""
    caller = shop.web_caller
    async with tools_of(shop.settings) as tools:
        kept: Sequence[str] = await Registry(tools.store, tools.vault).login_keys(caller.api_key, tools.now())
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind in random.sample(list(kinds), len(kinds)):
            timestamp, signature = kinds[kind]()
            begun = time.perf_counter()
            is_proof(kept, signature, f"{caller.api_key}_{timestamp}")
            times[kind].append(time.perf_counter() - begun)
    return times
