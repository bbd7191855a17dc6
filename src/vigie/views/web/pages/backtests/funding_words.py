"""What a backtest was charged of funding, and where it was charged none."""

from __future__ import annotations

from collections.abc import Iterator

from vigie.domain.time import parse_time
from vigie.services.operations.backtests import BacktestDetails, FundingGap
from vigie.services.runs.stored_funding import FUNDING_FILE
from vigie.views.web.request_context import RequestContext


def funding_setting(context: RequestContext, result: BacktestDetails) -> tuple[str, str]:
    """Return which settlements a result was charged, and of what span where they do not cover the bars."""
    name = context.text("Funding")
    if not result.funding.startswith(FUNDING_FILE):
        return name, context.text("none: no funding settlements stored, or switched off")
    if result.funding_gaps is None:
        # Earlier results tell it in English alone.
        return name, context.text("the venue's stored settlements") + result.funding.removeprefix(
            FUNDING_FILE
        )
    lines = [_gap_text(context, gap) for gap in result.funding_gaps]
    return name, context.lang.semicolon.join([context.text("the venue's stored settlements"), *lines])


def _gap_text(context: RequestContext, gap: FundingGap) -> str:
    if gap.since:
        return context.text("%(instrument)s only from %(day)s") % {
            "instrument": gap.instrument,
            "day": context.lang.day(parse_time(gap.since)),
        }
    if gap.until:
        return context.text("%(instrument)s only until %(day)s") % {
            "instrument": gap.instrument,
            "day": context.lang.day(parse_time(gap.until)),
        }
    return context.text("%(instrument)s not at all") % {"instrument": gap.instrument}


def funding_notes(context: RequestContext, result: BacktestDetails) -> Iterator[str]:
    """Say where a result was charged no funding, and for how much of its span; what is alike in one sentence."""
    if result.funding.startswith(FUNDING_FILE):
        instruments: dict[tuple[str, str, str], list[str]] = {}
        for gap in result.funding_gaps or ():
            instruments.setdefault(_gap_words(context, result, gap), []).append(gap.instrument)
        for (note, day, share), names in instruments.items():
            yield note % {"instrument": ", ".join(names), "day": day, "share": share}
    elif result.has_perpetuals and result.order.get("funding") is False:
        yield context.text("Funding was switched off: none is charged over the whole span.")
    elif result.has_perpetuals and result.funding_gaps == []:
        yield context.text("No funding settlements were stored: none is charged over the whole span.")


def _gap_words(context: RequestContext, result: BacktestDetails, gap: FundingGap) -> tuple[str, str, str]:
    """Return the sentence about a gap, its day and its share of the span."""
    if not gap.since and not gap.until:
        text = context.text("Funding of %(instrument)s is missing over the whole span: none is charged.")
        return text, "", ""
    day = parse_time(gap.since or gap.until)
    missing = day - result.first_ts if gap.since else result.last_ts - day
    share = min(1.0, max(0.0, missing / max(1, result.last_ts - result.first_ts)))
    text = (
        context.text(
            "Funding of %(instrument)s is charged only from %(day)s: %(share)s of the span has none."
        )
        if gap.since
        else context.text(
            "Funding of %(instrument)s is charged only until %(day)s: %(share)s of the span has none."
        )
    )
    return text, context.lang.day(day), context.lang.share(share, 0)
