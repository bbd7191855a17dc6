"""``/metrics`` for Prometheus and ``/readyz``: how parts, connectors, jobs and accounts do, read anew each time.

On loopback nobody has to sign in and every trading account is told; from elsewhere a session or a token is needed,
and others than administrators are told of their own accounts.
"""

from __future__ import annotations

import asyncio
from collections import Counter as Tally
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vigie.domain.person import Caller
from vigie.domain.time import SECOND_MS
from vigie.ports.health import LastHeartbeat
from vigie.services.app_context import AppContext
from vigie.services.people.ownership import owner_of
from vigie.services.trading.account_metrics import AccountMetricsReader
from vigie.version import __version__
from vigie.views.web.alert_metrics import alert_metrics
from vigie.views.web.origin import is_here
from vigie.views.web.trade_metrics import account_metrics

MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"
STATES: Final = ("waiting", "live", "stale", "failing", "paused", "off")
# Jobs that are looked at; older ones are of no interest to a watch.
JOBS: Final = 500
# A database that does not answer by then is not ready.
PATIENCE_S: Final = 5.0


class HouseCollector(Collector):
    """Reads a house when it is asked.

    Parameters
    ----------
    streams : callable
        Gives how many browsers listen.
    watcher : AccountMetricsReader
        Looks at accounts; it remembers what it counted.
    owner : str or None
        Whose accounts are told; None for everybody's.
    """

    def __init__(
        self,
        house: AppContext,
        streams: Callable[[], int],
        watcher: AccountMetricsReader,
        owner: str | None = None,
    ) -> None:
        self._house = house
        self._streams = streams
        self._watcher = watcher
        self._owner = owner

    def collect(self) -> Iterator[Metric]:
        """Yield the figures of now; where the database does not answer, those that need none."""
        info = GaugeMetricFamily("vigie_info", "Always 1; which version this is.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield GaugeMetricFamily("vigie_streams_open", "Browsers that listen to live values.", self._streams())
        vitals = self._house.home_health
        checks, beats = vitals.checks(), vitals.beats()
        yield from _vitals(checks, beats, vitals.free_bytes())
        if checks.get("database") or checks.get("schema"):
            return
        yield from self._connectors()
        yield from self._jobs()
        yield from alert_metrics(self._house)
        events = self._house.audit.newest()
        yield CounterMetricFamily("vigie_audit_events", "Records of the audit chain.", events)
        yield from account_metrics(self._watcher, self._house.trades.accounts(self._owner), beats)

    def _connectors(self) -> Iterator[Metric]:
        now = self._house.clock.wall_now()
        labels = ["connector"]
        age = GaugeMetricFamily("vigie_connector_age_seconds", "Since the last success.", labels=labels)
        errors = GaugeMetricFamily(
            "vigie_connector_errors", "Failures since the last success.", labels=labels
        )
        budget = GaugeMetricFamily(
            "vigie_connector_budget_left", "Requests that would be sent now.", labels=labels
        )
        usual = GaugeMetricFamily("vigie_connector_usual_gap_seconds", "Between successes.", labels=labels)
        state = GaugeMetricFamily(
            "vigie_connector_state", "1 for the state it is in.", labels=[*labels, "state"]
        )
        for one in self._house.quotes.health():
            if one.ts_success is not None:
                age.add_metric([one.source], max(0, now - one.ts_success) / SECOND_MS)
            if one.budget_left is not None:
                budget.add_metric([one.source], one.budget_left)
            errors.add_metric([one.source], one.errors)
            usual.add_metric([one.source], one.usual_gap_s)
            for name in STATES:
                state.add_metric([one.source, name], float(one.state == name))
        yield from (age, errors, budget, usual, state)

    def _jobs(self) -> Iterator[Metric]:
        jobs = self._house.jobs.list(limit=JOBS)
        count = GaugeMetricFamily(
            "vigie_jobs", f"The newest {JOBS} jobs by kind and state.", labels=["kind", "state"]
        )
        for (kind, held), number in sorted(Tally((job.kind, str(job.state)) for job in jobs).items()):
            count.add_metric([kind, held], number)
        took: dict[str, list[float]] = {}
        for job in jobs:
            if job.ts_started is not None and job.ts_finished is not None:
                took.setdefault(job.kind, []).append((job.ts_finished - job.ts_started) / SECOND_MS)
        last = GaugeMetricFamily(
            "vigie_job_last_seconds", "What the newest finished job took.", labels=["kind"]
        )
        longest = GaugeMetricFamily(
            "vigie_job_longest_seconds", "Of those counted, the longest.", labels=["kind"]
        )
        for kind, times in sorted(took.items()):
            last.add_metric([kind], times[0])
            longest.add_metric([kind], max(times))
        yield from (count, last, longest)


def _vitals(checks: Mapping[str, str], beats: Sequence[LastHeartbeat], free: int) -> Iterator[Metric]:
    ready = GaugeMetricFamily("vigie_ready", "1 where a check of /readyz holds.", labels=["check"])
    for name, trouble in checks.items():
        ready.add_metric([name], float(not trouble))
    age = GaugeMetricFamily(
        "vigie_part_beat_age_seconds",
        "Since the last sign of life of a part that was not stopped.",
        labels=["part"],
    )
    for one in beats:
        age.add_metric([one.part], one.age_s)
    disk = GaugeMetricFamily("vigie_disk_free_bytes", "Room on the disk that holds the home.", free)
    yield from (ready, age, disk)


def text_of(collector: HouseCollector) -> bytes:
    """Return the figures of a house as Prometheus text, from a registry of their own."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry)


def routes(web: Any) -> list[Route]:
    """Return the routes of the figures and of the checks."""
    watcher = AccountMetricsReader(web.house)

    async def let_in(request: Request) -> Caller | Response | None:
        """Return who asks, None for this machine, or the refusal."""
        if is_here(request):
            return None
        caller: Caller | None = (await run_in_threadpool(web.door.who, request)).caller
        if caller is None or not caller.may("read"):
            return Response("Sign in, or send a token.\n", 401, {"WWW-Authenticate": "Bearer"})
        return caller

    async def show(request: Request) -> Response:
        asker = await let_in(request)
        if isinstance(asker, Response):
            return asker

        def told() -> bytes:
            owner = None if asker is None or asker.role == "admin" else owner_of(web.house, asker)
            return text_of(HouseCollector(web.house, lambda: web.hub.count, watcher, owner))

        body = await run_in_threadpool(told)
        return Response(body, media_type=MEDIA, headers={"Cache-Control": "no-store"})

    async def ready(request: Request) -> Response:
        asker = await let_in(request)
        if isinstance(asker, Response):
            return asker
        try:
            checks = await asyncio.wait_for(run_in_threadpool(web.house.home_health.checks), PATIENCE_S)
        except TimeoutError:
            checks = {"database": f"no answer in {PATIENCE_S:g} s"}
        is_ready = not any(checks.values())
        body = {
            "status": "ready" if is_ready else "not ready",
            "checks": {name: trouble or "ok" for name, trouble in checks.items()},
        }
        return JSONResponse(body, 200 if is_ready else 503, {"Cache-Control": "no-store"})

    return [Route("/metrics", show, name="metrics"), Route("/readyz", ready, name="readyz")]
