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
from vigie.services.needs import provide
from vigie.services.people.ownership import owner_of
from vigie.services.trading.accounts.account_metrics import AccountMetricsReader
from vigie.services.trading.log.account_view import AccountLogs
from vigie.version import __version__
from vigie.views.web.alert_metrics import alert_metrics
from vigie.views.web.request_origin import is_local_request
from vigie.views.web.trade_metrics import account_metrics

MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"
STATES: Final = ("waiting", "live", "stale", "failing", "paused", "off")
# Jobs that are looked at; older ones are of no interest to a watch.
JOBS: Final = 500
# A database that does not answer by then is not ready.
PATIENCE_S: Final = 5.0


class MetricsCollector(Collector):
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
        app_context: AppContext,
        streams: Callable[[], int],
        watcher: AccountMetricsReader,
        owner: str | None = None,
    ) -> None:
        self._app_context = app_context
        self._streams = streams
        self._watcher = watcher
        self._owner = owner

    def collect(self) -> Iterator[Metric]:
        """Yield the figures of now; where the database does not answer, those that need none."""
        info = GaugeMetricFamily("vigie_info", "Always 1; which version this is.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield GaugeMetricFamily("vigie_streams_open", "Browsers that listen to live values.", self._streams())
        vitals = self._app_context.home_health
        checks, beats = vitals.checks(), vitals.beats()
        yield from _vitals_metrics(checks, beats, vitals.free_bytes())
        if checks.get("database") or checks.get("schema"):
            return
        yield from self._connector_metrics()
        yield from self._job_metrics()
        yield from alert_metrics(self._app_context)
        events = self._app_context.audit.newest()
        yield CounterMetricFamily("vigie_audit_events", "Records of the audit chain.", events)
        yield from account_metrics(self._watcher, self._app_context.trades.accounts(self._owner), beats)

    def _connector_metrics(self) -> Iterator[Metric]:
        now = self._app_context.clock.wall_now()
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
        for connector in self._app_context.quotes.health():
            if connector.ts_success is not None:
                age.add_metric([connector.source], max(0, now - connector.ts_success) / SECOND_MS)
            if connector.budget_left is not None:
                budget.add_metric([connector.source], connector.budget_left)
            errors.add_metric([connector.source], connector.errors)
            usual.add_metric([connector.source], connector.usual_gap_s)
            for name in STATES:
                state.add_metric([connector.source, name], float(connector.state == name))
        yield from (age, errors, budget, usual, state)

    def _job_metrics(self) -> Iterator[Metric]:
        jobs = self._app_context.jobs.list(limit=JOBS)
        count = GaugeMetricFamily(
            "vigie_jobs", f"The newest {JOBS} jobs by kind and state.", labels=["kind", "state"]
        )
        for (kind, job_state), number in sorted(Tally((job.kind, str(job.state)) for job in jobs).items()):
            count.add_metric([kind, job_state], number)
        durations: dict[str, list[float]] = {}
        for job in jobs:
            if job.ts_started is not None and job.ts_finished is not None:
                durations.setdefault(job.kind, []).append((job.ts_finished - job.ts_started) / SECOND_MS)
        last = GaugeMetricFamily(
            "vigie_job_last_seconds", "What the newest finished job took.", labels=["kind"]
        )
        longest = GaugeMetricFamily(
            "vigie_job_longest_seconds", "Of those counted, the longest.", labels=["kind"]
        )
        for kind, times in sorted(durations.items()):
            last.add_metric([kind], times[0])
            longest.add_metric([kind], max(times))
        yield from (count, last, longest)


def _vitals_metrics(checks: Mapping[str, str], beats: Sequence[LastHeartbeat], free: int) -> Iterator[Metric]:
    ready = GaugeMetricFamily("vigie_ready", "1 where a check of /readyz holds.", labels=["check"])
    for name, trouble in checks.items():
        ready.add_metric([name], float(not trouble))
    age = GaugeMetricFamily(
        "vigie_part_beat_age_seconds",
        "Since the last sign of life of a part that was not stopped.",
        labels=["part"],
    )
    for beat in beats:
        age.add_metric([beat.part], beat.age_s)
    disk = GaugeMetricFamily("vigie_disk_free_bytes", "Room on the disk that holds the home.", free)
    yield from (ready, age, disk)


def prometheus_text(collector: MetricsCollector) -> bytes:
    """Return the figures of a house as Prometheus text, from a registry of their own."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(collector)
    return generate_latest(registry)


def routes(web: Any) -> list[Route]:
    """Return the routes of the figures and of the checks."""
    watcher = AccountMetricsReader(
        provide(web.app_context, AccountLogs), web.app_context.quotes, web.app_context.clock
    )

    async def check_access(request: Request) -> Caller | Response | None:
        """Return who asks, None for this machine, or the refusal."""
        if is_local_request(request):
            return None
        caller: Caller | None = (await run_in_threadpool(web.authenticator.who, request)).caller
        if caller is None or not caller.may("read"):
            return Response("Sign in, or send a token.\n", 401, {"WWW-Authenticate": "Bearer"})
        return caller

    async def show(request: Request) -> Response:
        access = await check_access(request)
        if isinstance(access, Response):
            return access

        def render_metrics() -> bytes:
            owner = (
                None
                if access is None or access.role == "admin"
                else owner_of(web.app_context.accounts, access)
            )
            return prometheus_text(MetricsCollector(web.app_context, lambda: web.hub.count, watcher, owner))

        body = await run_in_threadpool(render_metrics)
        return Response(body, media_type=MEDIA, headers={"Cache-Control": "no-store"})

    async def ready(request: Request) -> Response:
        access = await check_access(request)
        if isinstance(access, Response):
            return access
        try:
            checks = await asyncio.wait_for(run_in_threadpool(web.app_context.home_health.checks), PATIENCE_S)
        except TimeoutError:
            checks = {"database": f"no answer in {PATIENCE_S:g} s"}
        is_ready = not any(checks.values())
        body = {
            "status": "ready" if is_ready else "not ready",
            "checks": {name: trouble or "ok" for name, trouble in checks.items()},
        }
        return JSONResponse(body, 200 if is_ready else 503, {"Cache-Control": "no-store"})

    return [Route("/metrics", show, name="metrics"), Route("/readyz", ready, name="readyz")]
