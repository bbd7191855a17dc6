"""What rules of alerts would have told of the last 90 days, and the rules that are ready to be taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from vigie.domain.alert import AlertRule
from vigie.domain.person import Caller
from vigie.domain.time import DAY_MS
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.items import ItemStore
from vigie.services.alerting.dispatch import expand_followed
from vigie.services.alerting.mails import MailSources
from vigie.services.alerting.preview.items import find_item_events
from vigie.services.alerting.preview.kinds import (
    PreviewSources,
    RulePreview,
    as_told,
    find_past_events,
    preview_past_events,
)
from vigie.services.alerting.preview.messages import example_message
from vigie.services.alerting.preview.past_events import DAYS
from vigie.services.alerting.rule_parsing import READY
from vigie.services.alerting.watching.event_texts import reader_title, title_of
from vigie.services.caches.alert_previews import PreviewCache
from vigie.services.languages import Language
from vigie.services.news.entities.warnings import WarningSources
from vigie.services.operation import NoInput, OperationResult, operation
from vigie.services.operations.alerts import RuleConditionsInput
from vigie.services.people.ownership import owner_of
from vigie.services.reader_texts import ReaderText
from vigie.services.written_text import LINE


class PreviewRuleInput(RuleConditionsInput):
    """The alerts that a rule would have sent in the past."""

    name: str = Field(
        "", max_length=80, pattern=LINE, description="What the rule is called in the message; may be empty."
    )
    language: Language = Field("en", description="Of the message.")


class PreviewExample(BaseModel):
    """Something that a rule would have told; `title_fr` is the same in French, or the title itself."""

    title: ReaderText
    title_fr: str = ""
    language: str = Field("", description="Language of the headline; empty for messages from Vigie.")
    url: str
    source: str
    status: str
    ts: int
    field: str = Field("", description="Of prices and screens, what the first condition is about.")
    value: float | None = Field(None, description="Of that field at that time, in its unit.")


class PreviewMessage(BaseModel):
    """The mail about the newest of what a rule would have told."""

    subject: str
    text: str


class RulePreviewResult(OperationResult):
    """What a rule would have told: each event once, whatever its budget and its quiet hours."""

    count: int
    days: int
    looked_at: int = Field(description="Items, looks or records that were asked.")
    is_whole: bool
    every_ms: int = Field(0, description="How far looks lie apart; 0 where what happened was written down.")
    since: int | None = Field(None, description="Where the stored past begins, if later than 90 days ago.")
    unknown: list[str] = Field(
        [], description="Of what is asked for, what has no stored past and is not counted."
    )
    notes: list[str] = Field(
        [], description="`settled_funding`: funding as it was settled, not as venues announced it in between."
    )
    examples: list[PreviewExample]
    per_day: list[int] = Field(
        [], description="How many on each of the days, the last of which ends now; oldest first."
    )
    publishers: list[str] = Field(
        [], description="Titles of the sources that the publishers of the rule stand for."
    )
    message: PreviewMessage | None = None


class ReadyRuleRow(RulePreviewResult):
    """A rule that is ready, with what it would have told."""

    key: str
    name: str
    when: dict[str, list[str]]
    pace: str


class ReadyRulesResult(OperationResult):
    """Rules that are ready."""

    rules: list[ReadyRuleRow]


@operation("alerts.preview")
def preview_rule(
    caller: Caller,
    params: PreviewRuleInput,
    sources: PreviewSources,
    mail_sources: MailSources,
    preview_cache: PreviewCache,
) -> RulePreviewResult:
    """Say what a rule would have told of what is stored of the last 90 days, without telling anybody.

    What has no stored past is named, and not counted as nothing.
    """
    rule = expand_followed(
        sources.register_entities.accounts,
        sources.warning_sources.names,
        AlertRule(
            "",
            owner_of(sources.register_entities.accounts, caller),
            " ".join(params.name.split()) or "?",
            params.kind,
            params.conditions(
                sources.catalog, sources.warning_sources.names, sources.warning_sources.directory
            ),
            language=params.language,
        ),
    )
    preview = preview_cache.run_alone(lambda: preview_past_events(rule, find_past_events(sources, rule)))
    message = None
    if preview.examples:
        newest = as_told(sources, rule, preview.examples[0])
        subject, text = example_message(mail_sources, rule, newest)
        message = PreviewMessage(subject=subject, text=text)
    named = set(rule.when.get("source", ()))
    return RulePreviewResult(
        **_preview_values(preview),
        publishers=[note.title for note in sources.warning_sources.directory.news() if note.id in named],
        per_day=_count_per_day(preview.times, sources.clock.market_now()),
        message=message,
    )


def _count_per_day(times: Sequence[int], now: int) -> list[int]:
    counts = [0] * DAYS
    for ts in times:
        counts[max(0, DAYS - 1 - max(0, now - ts) // DAY_MS)] += 1
    return counts


@operation("alerts.ready")
def list_ready_rules(
    caller: Caller,
    params: NoInput,
    warning_sources: WarningSources,
    bookmarks: SourceBookmarks,
    items: ItemStore,
    clock: Clock,
    directory: ConnectorDirectory,
    preview_cache: PreviewCache,
) -> ReadyRulesResult:
    """List five rules that only have to be taken, with what each would have told in the last 90 days."""
    return preview_cache.read(
        "ready",
        clock.wall_now(),
        lambda: _preview_ready_rules(warning_sources, bookmarks, items, clock, directory),
    )


def _preview_ready_rules(
    warning_sources: WarningSources,
    bookmarks: SourceBookmarks,
    items: ItemStore,
    clock: Clock,
    directory: ConnectorDirectory,
) -> ReadyRulesResult:
    # What is stored is read once, and every rule judges it.
    past_items = find_item_events(warning_sources, bookmarks, items, clock, directory, {})
    return ReadyRulesResult(
        rules=[
            ReadyRuleRow(
                key=ready.key,
                name=ready.name,
                when={name: list(values) for name, values in ready.when.items()},
                pace=ready.pace,
                **_preview_values(preview_past_events(AlertRule("", "", "", "item", ready.when), past_items)),
            )
            for ready in READY
        ]
    )


def _preview_values(preview: RulePreview) -> dict[str, Any]:
    examples = [
        PreviewExample(
            title=reader_title(event),
            title_fr=title_of(event, "fr"),
            language=str(event.facts.get("language") or ""),
            url=event.url,
            source=str(event.facts.get("publisher") or event.source),
            status=event.news_status,
            ts=int(event.facts["ts_market"]),
            **event.facts.get("measured", {}),
        )
        for event in preview.examples
    ]
    lookback = preview.past_events
    return {
        "count": preview.count, "days": DAYS, "looked_at": lookback.looked_at, "is_whole": lookback.is_whole,
        "every_ms": lookback.every_ms, "since": lookback.since, "unknown": list(lookback.unknown),
        "notes": list(lookback.notes), "examples": examples,
    }  # fmt: skip
