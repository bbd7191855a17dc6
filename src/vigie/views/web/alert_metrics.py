"""How alerts do, for Prometheus: deliveries by kind of channel and state, and how long they took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric

from vigie.domain.alert import INBOX
from vigie.domain.time import DAY_MS
from vigie.services.app_context import AppContext
from vigie.services.operations.alert_log import percentile, service_levels

DAYS: Final = 1
SHARES: Final = (0.5, 0.95)


def alert_metrics(app_context: AppContext) -> Iterator[Metric]:
    """Yield the figures of everybody's alerts; no name, no address."""
    count = GaugeMetricFamily(
        "vigie_alert_deliveries",
        "Deliveries of alerts that are kept, by kind of channel and state.",
        labels=["channel", "state"],
    )
    for (kind, state), number in sorted(app_context.alerts.counts().items()):
        count.add_metric([kind, state], number)
    stage_seconds = GaugeMetricFamily(
        "vigie_alert_stage_seconds",
        "From published over seen and processed to delivered, in the last day; delivered is mail that was accepted.",
        labels=["stage", "quantile"],
    )
    delivery = GaugeMetricFamily(
        "vigie_alert_delivery_seconds",
        "From processed to taken by the channel, in the last day.",
        labels=["channel", "quantile"],
    )
    timings = app_context.alerts.timings(None, app_context.clock.wall_now() - DAYS * DAY_MS)
    for line in service_levels(timings):
        for share, value in zip(SHARES, (line.p50_s, line.p95_s), strict=True):
            if value is not None:
                stage_seconds.add_metric([line.stage, str(share)], value)
    for kind in sorted({timing.channel for timing in timings} | {INBOX}):
        delays = [timing.ts_delivered - timing.ts_processed for timing in timings if timing.channel == kind]
        for share in SHARES:
            value = percentile(delays, share)
            if value is not None:
                delivery.add_metric([kind, str(share)], value)
    yield from (count, stage_seconds, delivery)
