"""The plan of a campaign: what decides all that its people do, and when what is killed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides a campaign: the same plan tells the same stories and kills in the same order."""

    database: str
    seed: int
    kills: int
    tellers: int = 12
    shoppers: int = 8
    sellers: int = 6
    servers: int = 1
    """Processes that share the database; more than one needs PostgreSQL. The last of several is killed for good."""
    failover: bool = False
    """Whether the database has a standby, which takes over when the database is killed."""
