"""``/metrics``: how connectors and jobs do, as Prometheus text; every scrape reads the stores anew.

On loopback nobody has to sign in; from elsewhere a session or a token is needed.
"""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Iterator
from typing import Any, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.domain.time import SECOND_MS
from vigie.services.house import House
from vigie.version import __version__
from vigie.views.web.origin import is_here

MEDIA: Final = "text/plain; version=0.0.4; charset=utf-8"
STATES: Final = ("waiting", "live", "stale", "failing", "paused", "off")
# Jobs that are looked at; older ones are of no interest to a watch.
JOBS: Final = 500


class HouseCollector(Collector):
    """Reads a house when it is asked."""

    def __init__(self, house: House, streams: Any) -> None:
        self._house = house
        self._streams = streams

    def collect(self) -> Iterator[Metric]:
        """Yield the figures of now."""
        info = GaugeMetricFamily("vigie_info", "Always 1; which version this is.", labels=["version"])
        info.add_metric([__version__], 1)
        yield info
        yield from self._connectors()
        yield from self._jobs()
        yield GaugeMetricFamily("vigie_streams_open", "Browsers that listen to live values.", self._streams())
        events = self._house.audit.newest()
        yield CounterMetricFamily("vigie_audit_events", "Records of the audit chain.", events)

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


def text_of(house: House, streams: Any) -> bytes:
    """Return the figures of a house as Prometheus text, from a registry of their own."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(HouseCollector(house, streams))
    return generate_latest(registry)


def routes(web: Any) -> list[Route]:
    """Return the route of the figures."""

    async def show(request: Request) -> Response:
        if not is_here(request):
            identity = await run_in_threadpool(web.door.who, request)
            if identity.caller is None or not identity.caller.may("read"):
                return Response("Sign in, or send a token.\n", 401, {"WWW-Authenticate": "Bearer"})
        body = await run_in_threadpool(text_of, web.house, lambda: web.hub.count)
        return Response(body, media_type=MEDIA, headers={"Cache-Control": "no-store"})

    return [Route("/metrics", show, name="metrics")]
