"""Alerts: what happened, the rules that people make, and what becomes of what they are told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

Pace = Literal["at_once", "digest"]
DeliveryState = Literal["waiting", "sent", "failed", "suppressed"]
OPEN: Final[tuple[DeliveryState, ...]] = ("waiting",)
# The channel that everybody has; what is written there has arrived.
INBOX: Final = "inbox"
# The kind of event, and of rule, that is the weekly brief; a person has one such rule at most.
BRIEF: Final = "brief"
# The same of the letter about what a person owns.
LETTER: Final = "letter"
# Statuses that take back what was told before.
CORRECTIONS: Final = ("disputed", "flagged", "corrected", "withdrawn")


@dataclass(frozen=True, slots=True)
class AlertEvent:
    """Something that a rule may be about.

    Attributes
    ----------
    kind : str
        ``item``, ``price``, ``screener``, ``emerging``, ``peg``, ``register``, ``desk``, ``setup``, ``brief``,
        ``letter``.
    key : str
        What it is, however often it is told: a story's id, ``bitcoin/above/100000``. A rule tells of a key once.
    status : str
        Another status of the same key is told again: ``unconfirmed``, then ``confirmed`` or ``corrected``.
    ts : int or None
        When it happened, as the source states it with its time of day; None where it does not.
    ts_seen, ts_processed : int
        When it was first seen here, and when all that rules read was known; epoch milliseconds on the wall.
    title, url, source : str
        For people.
    facts : mapping
        What conditions read, plain JSON: tier, language, assets, entities, topics, text, ...
    """

    kind: str
    key: str
    title: str
    ts_seen: int
    ts_processed: int
    ts: int | None = None
    status: str = ""
    url: str = ""
    source: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def news_status(self) -> str:
        """How far a news item is confirmed; empty for other kinds: a confirmed setup is a state of its own."""
        return self.status if self.kind == "item" else ""


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Hours in which nothing is sent, in a person's time zone; may go over midnight.

    Attributes
    ----------
    begins, ends : int
        Minutes after midnight.
    """

    begins: int
    ends: int
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class AlertRule:
    """What somebody wants to hear about, and how.

    Attributes
    ----------
    when : mapping of str to tuple of str
        By condition, its accepted values; every condition must hold. Empty: every event of the kind.
    kind : str
        Of events.
    channels : tuple of str
        Ids of the person's channels.
    cool_down_s : int
        So long after an alert of this rule nothing else of it is sent; 0 for none.
    daily_budget : int
        Most that is sent a day of the person's zone; 0 for any number.
    ts_expires, ts_muted_until : int
        Epoch milliseconds; 0 for never and not muted.
    revision : int
        Grows with every change; 0 before it is kept.
    ts_deleted : int
        When it was deleted, which can be undone for a while; 0 where it was not.
    given_name : str
        In English, where Vigie named it: `name` is that in the rule's language. Empty for a person's own name.
    """

    id: str
    owner: str
    name: str
    kind: str
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    channels: tuple[str, ...] = ("inbox",)
    pace: Pace = "at_once"
    quiet: QuietHours | None = None
    cool_down_s: int = 0
    daily_budget: int = 0
    ts_expires: int = 0
    ts_muted_until: int = 0
    is_on: bool = True
    language: str = "en"
    revision: int = 0
    ts_deleted: int = 0
    given_name: str = ""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to a person; everybody has the inbox without one.

    Attributes
    ----------
    kind : str
        ``mail``, ``webhook`` or ``apprise``.
    address : str
        What is shown; where the address is a secret, enough to tell it from others.
    is_confirmed : bool
        Whether the code that was sent there came back: nothing else is sent before.
    ts_dead : int
        When the other side said that it takes nothing there; 0 where it does. `why` holds its words.
    secret : str
        The address, encrypted, where it is a secret.
    """

    id: str
    owner: str
    kind: str
    address: str
    is_confirmed: bool = False
    ts_dead: int = 0
    why: str = ""
    secret: str = field(default="", repr=False)

    @property
    def target(self) -> str:
        """What messages are sent to."""
        return self.secret or self.address


@dataclass(frozen=True, slots=True)
class Alert:
    """One event that one rule was about.

    Attributes
    ----------
    happening : AlertEvent
        The event; the word stands in the file of a person's own data and stays.
    mark : str
        ``""`` for what is new; ``update`` where the same was told with another status, ``correction`` where that
        status takes something back.
    """

    id: str
    rule: str
    owner: str
    happening: AlertEvent
    ts: int
    mark: str = ""


@dataclass(frozen=True, slots=True)
class AlertDelivery:
    """An alert on its way through one channel.

    Attributes
    ----------
    id : str
        The same for the same alert and channel: a channel gets it once.
    tries : int
        How often it was tried.
    ts_due, ts_done : int
        When it is tried next, and when it ended; 0 where not.
    why : str
        Why it was suppressed, put off or failed: a code, with what the other side said.
    bundle : str
        Deliveries of the same one go out as one message; empty for a message of its own.
    """

    id: str
    alert: str
    channel: str
    state: DeliveryState
    ts_due: int
    tries: int = 0
    ts_done: int = 0
    why: str = ""
    bundle: str = ""


def alert_id(rule: str, event: AlertEvent) -> str:
    """Return the id of an alert: a rule tells of one status of one key once, whoever asks and how often.

    Parameters
    ----------
    rule : str
        Id of the rule.
    event : AlertEvent
        Only kind, key and status count: the same event told again has the same id.

    Returns
    -------
    str
        24 hex digits.
    """
    text = "\n".join((rule, event.kind, event.key, event.status))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def delivery_id(alert: str, channel: str) -> str:
    """Return the id of a delivery; receivers that know it have had it already.

    Parameters
    ----------
    alert, channel : str
        Ids.

    Returns
    -------
    str
        24 hex digits; a message that is not bundled carries it, so that receivers drop a repeat.
    """
    return hashlib.sha256(f"{alert}\n{channel}".encode()).hexdigest()[:24]
