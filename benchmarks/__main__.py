"""``python -m benchmarks``: measure, check the books, write ``benchmarks/results/``."""

# ruff: noqa: PLC0415 - Django is imported once DATABASE_URL is decided

from __future__ import annotations

import argparse
import os
import secrets
import signal
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.errors import BenchmarkFailed
from benchmarks.plan import Plan, full_plan, quick_plan
from kassa.runtime.cluster import Cluster, temporary_cluster

NAMES = (
    "hot",
    "spread",
    "seats",
    "growth",
    "reads",
    "webhooks",
    "event_refund",
    "door",
    "scanner",
    "messages",
    "tickets",
    "waiting_room",
    "pages",
    "on_sale",
    "overload",
    "attack",
    "shop_weights",
)
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Run what the command line asks for; 0 when none failed and every goal is met."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything started is ended
    plan = quick_plan() if arguments.quick else full_plan()
    names = [name for name in NAMES if name in (arguments.only or NAMES)]
    with (
        temporary_cluster({}) as cluster,  # with the settings that Kassa itself uses
        tempfile.TemporaryDirectory(prefix="kassa-bench-") as folder,
    ):
        _set_up_django(cluster, Path(folder))
        results = _measure(cluster, Path(folder), plan, names)
    return _report(results, arguments.output, plan)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure how fast Kassa sells.")
    parser.add_argument(
        "--quick", action="store_true", help="about four minutes, one round of each; for a first look"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=NAMES,
        metavar="NAME",
        help=f"only these: {', '.join(NAMES)}; the others keep their figures",
    )
    parser.add_argument(
        "--output", type=Path, default=RESULTS, help="where the results go (benchmarks/results)"
    )
    return parser.parse_args()


def _set_up_django(cluster: Cluster, folder: Path) -> None:
    """Load Django in this process, for making what is sold; the web process has its own."""
    os.environ.update(
        DATABASE_URL=cluster.url,
        DJANGO_SETTINGS_MODULE="kassa.settings",
        KASSA_DATA_DIR=str(folder),
        KASSA_SECRET_KEY=secrets.token_urlsafe(48),
    )
    import django

    django.setup()


def _measure(cluster: Cluster, folder: Path, plan: Plan, names: list[str]) -> dict[str, Any]:
    from benchmarks import (
        attack,
        door,
        event_refund,
        growth,
        hot,
        messages,
        on_sale,
        overload,
        pages,
        reads,
        scanner,
        seats,
        shop_weights,
        spread,
        tickets,
        waiting_room,
        webhooks,
    )
    from benchmarks.machine import describe_machine
    from benchmarks.server import open_stage, prepare_cluster

    measures = {
        "hot": hot.measure,
        "spread": spread.measure,
        "seats": seats.measure,
        "growth": growth.measure,
        "reads": reads.measure,
        "webhooks": webhooks.measure,
        "event_refund": event_refund.measure,
        "door": door.measure,
        "scanner": scanner.measure,
        "messages": messages.measure,
        "tickets": tickets.measure,
        "waiting_room": waiting_room.measure,
        "pages": pages.measure,
        "on_sale": on_sale.measure,
        "overload": overload.measure,
        "attack": attack.measure,
        "shop_weights": shop_weights.measure,
    }
    settings = prepare_cluster(cluster)
    results: dict[str, Any] = {
        "machine": describe_machine(cluster.data_dir),
        "postgresql": settings,
        "measured": {},
        "failed": {},
    }
    for name in names:
        plan.say(f"{name}: starting")
        try:
            with open_stage(cluster, name, folder, is_limited=name == "attack") as stage:
                results[name] = measures[name](stage, plan)
                results["measured"][name] = datetime.now(UTC).isoformat(timespec="seconds")
        except BenchmarkFailed as error:
            results["failed"][name] = f"{type(error).__name__}: {error}"
            plan.say(f"{name} failed: {error}")
        except Exception as error:  # noqa: BLE001 - one benchmark's fault costs no other's figures
            results["failed"][name] = f"{type(error).__name__}: {error}"
            plan.say(f"{name} failed:\n{traceback.format_exc()}")
    return results


def _report(results: dict[str, Any], output: Path, plan: Plan) -> int:
    from benchmarks.report import write_report

    goals = write_report(results, output)
    for goal in goals:
        plan.say(goal.sentence)
    plan.say(f"The results are in {output}.")
    return 0 if not results["failed"] and all(goal.is_met for goal in goals) else 1


if __name__ == "__main__":
    sys.exit(main())
