"""How much is measured: rounds, seconds, sizes. A quick run is for trying things out."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Plan:
    """What every benchmark is told."""

    rounds: int
    seconds: float
    """Of one measured round."""
    pgbench_seconds: float
    spread_organizations: int
    spread_ticket_types: int
    """In each organisation."""
    hall_rows: int
    hall_seats_per_row: int
    growth_small: int
    growth_large: int
    webhooks: int
    """In each round."""
    refunded_orders: int
    tickets_at_door: int
    browsers: int
    """That come when a sale begins."""
    overload_seconds: float
    """Of each round of an overload; half of it passes before."""
    started: float = field(default_factory=time.monotonic)

    def say(self, line: str) -> None:
        """Tell the person who waits how far it is."""
        print(f"{time.monotonic() - self.started:5.0f} s  {line}", file=sys.stderr, flush=True)


def full_plan() -> Plan:
    """Return the plan whose figures are published: about seventeen minutes."""
    return Plan(
        rounds=3,
        seconds=4,
        pgbench_seconds=4,
        spread_organizations=50,
        spread_ticket_types=20,
        hall_rows=200,
        hall_seats_per_row=100,
        growth_small=10_000,
        growth_large=1_000_000,
        webhooks=3_000,
        refunded_orders=10_000,
        tickets_at_door=50_000,
        browsers=1_000,
        overload_seconds=24,
    )


def quick_plan() -> Plan:
    """Return a plan of about four minutes, for a first look."""
    return Plan(
        rounds=1,
        seconds=2,
        pgbench_seconds=2,
        spread_organizations=50,
        spread_ticket_types=20,
        hall_rows=40,
        hall_seats_per_row=100,
        growth_small=10_000,
        growth_large=100_000,
        webhooks=600,
        refunded_orders=500,
        tickets_at_door=10_000,
        browsers=100,
        overload_seconds=8,
    )
