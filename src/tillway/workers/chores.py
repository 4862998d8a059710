"""The chores of a gateway, all of them: what the wiring starts beside the surfaces."""

from tillway.commands.tools import Tools
from tillway.connectors.outbound import Outbound
from tillway.workers.deliver import Deliverer
from tillway.workers.expire import Expirer
from tillway.workers.loop import Chore
from tillway.workers.resolve import Resolver
from tillway.workers.settle import Settler


def all_chores(tools: Tools, outbound: Outbound) -> tuple[Chore, ...]:
    """Deliver, resolve, expire, roll up and sweep. Any number of processes may do them on one database."""
    return (
        Deliverer(tools, outbound).chore(),
        Resolver(tools).chore(),
        Expirer(tools).chore(),
        *Settler(tools).chores(),
    )
