"""Rules of what somebody wants to be told of, and what they would have told; what was told is in `alert_log`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field

from vigie.catalogue import translate
from vigie.data.catalog import BarCatalog
from vigie.domain.alert import BRIEF, INBOX, LETTER, AlertRule, Pace
from vigie.domain.errors import Forbidden, NotFound, UsageError
from vigie.domain.item import NewsLanguage
from vigie.domain.person import VISITOR, Caller
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.intelligence.alerts.rule_matching import LEAST
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.names import NameStore
from vigie.ports.notifier import Notifiers
from vigie.services.alerting.dispatch import zone_of
from vigie.services.alerting.feeds import feed_address
from vigie.services.alerting.rule_parsing import (
    READY,
    TOPICS,
    parse_quiet_hours,
    parse_search,
    parse_subjects,
    rule_row,
)
from vigie.services.languages import Language
from vigie.services.news.entities.naming import find_entity
from vigie.services.news.publishers import find_sources
from vigie.services.operation import NoInput, OperationInput, OperationResult, operation
from vigie.services.people.ownership import owner_of
from vigie.services.written_text import TEXT

MOST_RULES: Final = 50
# An id, a ticker: what is longer is none of ours, and would be kept.
_Name = Annotated[str, Field(max_length=100)]
# What is deleted can be had back for so long.
UNDO_MS: Final = 30 * DAY_MS
MUTES: Final = {"hour": HOUR_MS, "day": DAY_MS, "week": 7 * DAY_MS}

RuleId = Field(pattern=r"^a[0-9a-f]{1,32}$", description="Id of a rule.", examples=["a0123456789abcdef"])
Topic = Literal[
    "regulation", "enforcement", "etf", "hack", "listing", "stablecoin", "macro", "technology", "legal",
    "adoption", "exchange", "policy", "elections", "sanctions", "tax",
]  # fmt: skip
Tier = Literal["regulator", "primary", "media", "aggregator", "social"]
Kind = Literal[
    "item", "price", "screener", "emerging", "peg", "spike", "register", "desk", "setup", "holding"
]
Turn = Literal["enters", "leaves", "added", "changed", "ended", "removed"]
Sentiment = Literal["positive", "neutral", "negative"]
Side = Literal["long", "short"]
SetupStage = Literal["forming", "confirmed"]
Status = Literal["confirmed", "repeated", "disputed", "unconfirmed", "flagged"]


class RuleInput(OperationInput):
    """One rule."""

    rule: str = RuleId


class RuleConditionsInput(OperationInput):
    """What a rule is about: every condition that is given must hold, one value of each is enough."""

    kind: Kind = Field(
        "item",
        description="`item`: news. `desk`: Vigie itself. `setup`: setups of the caller's accounts. "
        "`holding`: what the caller owns.",
    )
    subjects: list[Annotated[str, Field(max_length=200)]] = Field(
        [],
        max_length=8,
        description="Of prices and screens, conditions as `markets.screen` takes them; of a peg, the bound as a "
        "fraction; of a spike, `items>3` or `sentiment>0.3`; of emerging ones, `clean`, `flagged` or conditions "
        "as `markets.emerging` takes them; of Vigie "
        "itself, which events; of holdings, `valuation`, `volume` or `share`.",
    )
    turns: list[Turn] = Field(
        [],
        max_length=6,
        description="Entering, leaving, added, ...; empty means any, of emerging ones entering.",
    )
    followed: bool = Field(False, description="Only what is on a watchlist of the caller.")
    warned: bool = Field(False, description="Only news that name a firm which a register warns of.")
    tiers: list[Tier] = Field([], max_length=5, description="Kinds of publishers; empty means any.")
    sources: list[_Name] = Field([], max_length=20, description="Ids or titles of sources; empty means any.")
    assets: list[_Name] = Field([], max_length=50, description="Catalogue ids or tickers; empty means any.")
    entities: list[_Name] = Field(
        [], max_length=50, description="Ids such as org:sec, or names; empty means any."
    )
    topics: list[Topic] = Field([], max_length=15, description="Empty means any.")
    languages: list[NewsLanguage] = Field([], max_length=2, description="Empty means any.")
    statuses: list[Status] = Field([], max_length=5, description="How far it is confirmed; empty means any.")
    sentiments: list[Sentiment] = Field([], max_length=3, description="How it sounds; empty means any.")
    words: str = Field("", max_length=500, description='Words, "phrases", AND, OR, NOT, brackets.')
    accounts: list[_Name] = Field(
        [], max_length=20, description="Of setups: names of accounts; empty means any."
    )
    strategies: list[_Name] = Field([], max_length=20, description="Of setups; empty means any.")
    instruments: list[_Name] = Field(
        [], max_length=50, description="Of setups, such as btc-usdt-perp; empty means any."
    )
    sides: list[Side] = Field([], max_length=2, description="Of setups; empty means any.")
    stages: list[SetupStage] = Field([], max_length=2, description="Of setups; empty means any.")
    least_total: float | None = Field(
        None,
        ge=-1.0,
        le=1.0,
        description="Of setups: least total of what counts for and against, by your weights; null: any.",
    )

    def conditions(
        self, catalog: BarCatalog, names: NameStore, directory: ConnectorDirectory
    ) -> Mapping[str, tuple[str, ...]]:
        """Return the conditions that are given, assets, entities and sources by their ids."""
        assets = dict.fromkeys(catalog.find(word.strip()).id for word in self.assets if word.strip())
        entities = dict.fromkeys(find_entity(catalog, names, word) for word in self.entities if word.strip())
        sources = dict.fromkeys(
            source for word in self.sources if word.strip() for source in find_sources(directory, word)
        )
        by_name = {
            "tier": tuple(self.tiers), "source": tuple(sources), "assets": tuple(assets),
            "entities": tuple(entities), "topics": tuple(self.topics), "language": tuple(self.languages),
            "status": tuple(self.statuses), "words": parse_search(self.words),
            "sentiment": tuple(self.sentiments), "turn": tuple(self.turns),
            "subject": parse_subjects(self.kind, self.subjects, assets),
            "followed": ("yes",) if self.followed else (),
            "warned": ("yes",) if self.warned and self.kind == "item" else (),
            **(self._setup_conditions() if self.kind == "setup" else {}),
        }  # fmt: skip
        return {name: values for name, values in by_name.items() if values}

    def _setup_conditions(self) -> Mapping[str, tuple[str, ...]]:
        given: dict[str, Sequence[str]] = {
            "account": self.accounts, "strategy": self.strategies, "instrument": self.instruments,
            "side": self.sides, "state": self.stages,
        }  # fmt: skip
        if self.least_total is not None:
            given[LEAST] = [f"{self.least_total:g}"]
        return {
            name: tuple(dict.fromkeys(word.strip() for word in words if word.strip()))
            for name, words in given.items()
        }


class PutRuleInput(RuleConditionsInput):
    """A rule, new or changed as a whole."""

    rule: str = Field("", pattern=r"^(a[0-9a-f]{1,32})?$", description="Id; empty makes a new one.")
    name: str = Field(min_length=1, max_length=80, pattern=TEXT, description="What it is called.")
    ready: str = Field(
        "",
        max_length=20,
        description="Key of a rule of `alerts.ready`: its name counts, and follows your language.",
    )
    channels: list[_Name] = Field(
        [INBOX], min_length=1, max_length=6, description="Ids of channels, `inbox`."
    )
    pace: Pace = Field("at_once", description="`digest`: once a day, at seven.")
    quiet_from: str = Field("", max_length=5, description="Time of day, 22:00; mail waits from then on.")
    quiet_to: str = Field("", max_length=5, description="Time of day, 07:00.")
    cool_down_minutes: int = Field(0, ge=0, le=10_080, description="So long after an alert no other is sent.")
    daily_budget: int = Field(20, ge=0, le=1_000, description="Most that is sent a day; 0 for any number.")
    days: int = Field(0, ge=0, le=3_650, description="For how many days it holds; 0 for ever.")
    language: Language = Field("en", description="Of its mails.")
    revision: int | None = Field(
        None, ge=0, description="The revision that you read; another one is refused."
    )


class SetRuleInput(RuleInput):
    """What is done with a rule."""

    becomes: Literal["on", "off", "mute", "unmute", "delete", "restore"]
    mute: Literal["hour", "day", "week"] = Field("day", description="For how long it is mute.")


class RuleRow(BaseModel):
    """One rule."""

    rule: str
    name: str
    kind: str = "item"
    subjects: list[str] = []
    turns: list[str] = []
    sentiments: list[str] = []
    followed: bool = False
    warned: bool = False
    tiers: list[str] = []
    sources: list[str] = []
    assets: list[str] = []
    entities: list[str] = []
    topics: list[str] = []
    languages: list[str] = []
    statuses: list[str] = []
    words: str = ""
    accounts: list[str] = []
    strategies: list[str] = []
    instruments: list[str] = []
    sides: list[str] = []
    stages: list[str] = []
    least_total: float | None = None
    channels: list[str] = []
    pace: str = "at_once"
    quiet_from: str = ""
    quiet_to: str = ""
    cool_down_minutes: int = 0
    daily_budget: int = 0
    ts_expires: int = 0
    ts_muted_until: int = 0
    is_on: bool = True
    language: str = "en"
    revision: int = 0
    is_deleted: bool = False


class RuleResult(OperationResult, RuleRow):
    """One rule."""


class RuleFeedResult(OperationResult):
    """Where the feed of a rule is; the address is a secret."""

    address: str


class RulesResult(OperationResult):
    """All rules."""

    rules: list[RuleRow]
    topics: list[str]


@operation("alerts.rules")
def list_rules(caller: Caller, params: NoInput, accounts: UserStore, alerts: AlertStore) -> RulesResult:
    """List the caller's rules of what to be told of."""
    rules = [rule for rule in alerts.rules(owner_of(accounts, caller)) if rule.kind not in (BRIEF, LETTER)]
    return RulesResult(rules=[RuleRow(**rule_row(rule)) for rule in rules], topics=list(TOPICS))


@operation("alerts.rule", example={"rule": "a0"})
def read_rule(caller: Caller, params: RuleInput, accounts: UserStore, alerts: AlertStore) -> RuleResult:
    """Read one rule."""
    return RuleResult(**rule_row(_find_rule(alerts, owner_of(accounts, caller), params.rule)))


@operation("alerts.feed", scope="write", example={"rule": "a0"})
def read_rule_feed(
    caller: Caller, params: RuleInput, alerts: AlertStore, notifiers: Notifiers
) -> RuleFeedResult:
    """Tell the address of a rule's feed: whoever holds it reads what the rule told, without signing in."""
    return RuleFeedResult(
        address=feed_address(notifiers, _find_rule(alerts, require_owner(caller), params.rule).id)
    )


@operation("alerts.put", scope="write", example={"name": "Regulators", "tiers": ["regulator"]})
def put_rule(
    caller: Caller,
    params: PutRuleInput,
    catalog: BarCatalog,
    accounts: UserStore,
    alerts: AlertStore,
    names: NameStore,
    clock: Clock,
    directory: ConnectorDirectory,
) -> RuleResult:
    """Make a rule, or change one as a whole; another one that tells the same by the same channel is refused."""
    owner = require_owner(caller)
    existing = _find_rule(alerts, owner, params.rule) if params.rule else None
    if existing is not None and existing.kind == BRIEF:
        raise UsageError("weekly_brief_set", "the weekly brief is set by `news.schedule_brief`")
    if existing is not None and existing.kind == LETTER:
        raise UsageError(
            "letter_is_set", "the letter about what you own is set by `holdings.schedule_letter`"
        )
    if existing is None:
        _check_rule_limit(alerts, owner)
    channel_ids = {INBOX, *(channel.id for channel in alerts.channels(owner))}
    if unknown_ids := sorted(set(params.channels) - channel_ids):
        raise NotFound("no_channel", "there is no channel {channel!r}", channel=unknown_ids[0])
    now = clock.wall_now()
    name, given_name = _names(params, existing)
    new_rule = AlertRule(
        id=params.rule,
        owner=owner,
        name=name,
        given_name=given_name,
        kind=params.kind,
        when=params.conditions(catalog, names, directory),
        channels=tuple(dict.fromkeys(params.channels)),
        pace=params.pace,
        quiet=parse_quiet_hours(params.quiet_from, params.quiet_to, zone_of(accounts, owner)),
        cool_down_s=params.cool_down_minutes * 60,
        # Of setups a person's rules share one number a day, their setting.
        daily_budget=0 if params.kind == "setup" else params.daily_budget,
        ts_expires=now + params.days * DAY_MS if params.days else 0,
        language=params.language,
    )
    if existing is not None:
        new_rule = replace(new_rule, is_on=existing.is_on, ts_muted_until=existing.ts_muted_until)
    must_be_unique = existing is None or _rule_key(new_rule) != _rule_key(existing)
    revision = params.revision if existing else 0
    return RuleResult(**rule_row(alerts.put_rule(new_rule, revision=revision, is_alone=must_be_unique)))


def _names(params: PutRuleInput, existing: AlertRule | None) -> tuple[str, str]:
    """Return what a rule is called, and the same in English where Vigie named it and nobody renamed it."""
    given = next((one.name for one in READY if one.key == params.ready), "")
    if given:
        return translate(given, params.language), given
    name = " ".join(params.name.split()) or "?"
    return name, existing.given_name if existing is not None and existing.name == name else ""


@operation("alerts.set", scope="write", example={"rule": "a0", "becomes": "off"})
def set_rule(caller: Caller, params: SetRuleInput, alerts: AlertStore, clock: Clock) -> RuleResult:
    """Pause a rule, mute it for a while, delete it, or take that back."""
    rule = _find_rule(alerts, require_owner(caller), params.rule, with_deleted=True)
    now = clock.wall_now()
    if rule.ts_deleted and params.becomes != "restore":
        raise NotFound("no_rule", "there is no rule {id!r}", id=params.rule)
    match params.becomes:
        case "on" | "off":
            changed = replace(rule, is_on=params.becomes == "on")
        case "mute":
            changed = replace(rule, ts_muted_until=now + MUTES[params.mute])
        case "unmute":
            changed = replace(rule, ts_muted_until=0)
        case "delete":
            changed = replace(rule, ts_deleted=now)
        case "restore":
            if rule.ts_deleted and now - rule.ts_deleted > UNDO_MS:
                raise NotFound("no_rule", "there is no rule {id!r}", id=params.rule)
            if rule.ts_deleted:
                _check_rule_limit(alerts, rule.owner)
            changed = replace(rule, ts_deleted=0)
    must_be_unique = bool(rule.ts_deleted) and not changed.ts_deleted
    return RuleResult(**rule_row(alerts.put_rule(changed, revision=rule.revision, is_alone=must_be_unique)))


def require_owner(caller: Caller) -> str:
    """Return whose alerts are changed.

    Raises
    ------
    Forbidden
        If nobody is signed in.
    """
    if caller.user == VISITOR.user:
        raise Forbidden("sign_get_alerts", "sign in to get alerts")
    return caller.user


def _rule_key(rule: AlertRule) -> tuple[object, ...]:
    # A rule that has been beside another one of its kind for long can still be given another name.
    return rule.kind, rule.when, rule.channels


def _check_rule_limit(alerts: AlertStore, owner: str) -> None:
    if len(alerts.rules(owner)) >= MOST_RULES:
        raise UsageError(
            "most_rules", "you can have at most {most_rules} rules; delete one first", most_rules=MOST_RULES
        )


def _find_rule(alerts: AlertStore, owner: str, rule_id: str, *, with_deleted: bool = False) -> AlertRule:
    stored = alerts.rule(owner, rule_id)
    if stored is None or (stored.ts_deleted and not with_deleted):
        raise NotFound("no_rule", "there is no rule {id!r}", id=rule_id)
    return stored
