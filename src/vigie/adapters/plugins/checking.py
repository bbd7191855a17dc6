"""The contract of each kind, asked of a plug-in that is allowed: what it breaks, in sentences.

A source and a channel are driven over their simulated service (`vigie.adapters.plugins.simulated`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from fnmatch import fnmatchcase
from typing import Final, TypeVar

from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.loading import load_plugin
from vigie.adapters.plugins.notifiers import channel_kind
from vigie.adapters.plugins.simulated import FAULTS, SimulatedService, open_simulated
from vigie.adapters.plugins.sources import open_source, source_manifest
from vigie.adapters.sources.site import Site
from vigie.domain.errors import ConfigError, VigieError
from vigie.ports.clock import PatientClock
from vigie.ports.notifier import OutgoingMessage, SealingNotifier
from vigie.ports.source import Batch, Source

T = TypeVar("T")
# Of a series is told by its time: seconds in place of milliseconds would be long ago.
_MIN_TS: Final = 1_000_000_000_000
_SYMBOLS: Final = {"bitcoin": "BTC", "ethereum": "ETH"}
_MESSAGE: Final = OutgoingMessage("d0123456789abcdef", "", "Bitcoin: a test", "A regulator published a rule.")


def check_plugin(content: PluginContent, clock: PatientClock) -> list[str]:
    """Return what a plug-in breaks of the contract of its kind, as far as it meets the outside world.

    Whether an indicator keeps its contract is asked by `vigie.quant.indicator_contract`.

    Parameters
    ----------
    clock : PatientClock
        Whose waits are short: refused requests are tried again.
    """
    if content.info.fault:
        return [content.info.fault]
    checks: dict[str, Callable[[PluginContent, PatientClock], list[str]]] = {
        "source": _check_source,
        "notifier": _check_notifier,
    }
    try:
        load_plugin(content)
        check = checks.get(content.info.kind)
        return [] if check is None else check(content, clock)
    except ConfigError as fault:
        return [str(fault)]


def _check_source(content: PluginContent, clock: PatientClock) -> list[str]:
    service = open_simulated(content)
    manifest = source_manifest(content)
    fetcher, key = Fetcher(clock, transport=service.transport()), "k" if manifest.secrets else ""
    site = Site(manifest, fetcher, clock, symbols=_SYMBOLS, key=key)
    feeds = open_source(content, site)
    stated = {feed.name for feed in manifest.feeds}
    if set(feeds) != stated:
        return [
            f"open_feeds must return the feeds {' '.join(sorted(stated))}, returned {' '.join(sorted(feeds))}"
        ]
    found = []
    for name, feed in feeds.items():
        found += [f"feed {name}: {broken}" for broken in _check_feed(feed, service, clock)]
    hosts = {address.split("/")[2].partition(":")[0] for _, address, _ in service.requests}
    undeclared = sorted(hosts - set(content.info.hosts))
    return [*found, *(f"it asks {host}, which its manifest does not declare" for host in undeclared)]


def _check_feed(feed: Source, service: SimulatedService, clock: PatientClock) -> list[str]:
    batch, fault = _attempt(feed.pull(""))
    if batch is None:
        return [f"pull raised {fault!r}"]
    found = _check_batch(batch, [measure.pattern for measure in feed.measures()], clock.market_now())
    again, fault = _attempt(feed.pull(batch.bookmark))
    if again is None:
        found.append(f"pull from its own bookmark raised {fault!r}")
    elif len(again.observations) > len(batch.observations):
        found.append("pull from its own bookmark must not bring more than from the beginning")
    for name in FAULTS:
        service.fault = name
        broken, fault = _attempt(feed.pull(""))
        service.fault = ""
        if broken is not None or not isinstance(fault, VigieError):
            said = "brought a batch" if broken is not None else f"raised {fault!r}"
            found.append(f"an answer that is {name} must raise an error of vigie.domain.errors, {said}")
    return found


def _check_batch(batch: Batch, patterns: Sequence[str], now: int) -> list[str]:
    found = []
    if not batch.observations and not batch.documents:
        found.append("pull must bring observations or documents, never an empty batch")
    if not batch.bookmark:
        found.append("pull must give a bookmark")
    for fact in batch.observations:
        if not any(fnmatchcase(fact.series, pattern) for pattern in patterns):
            found.append(f"{fact.series} is of none of its measures")
        if not _MIN_TS < fact.ts_event <= fact.ts_known <= now:
            found.append(f"{fact.series} must have times in milliseconds, ts_event <= ts_known <= now")
    names = {fact.series for fact in batch.observations}
    found += [
        f"it brings nothing of {pattern}"
        for pattern in patterns
        if not any(fnmatchcase(n, pattern) for n in names)
    ]
    return list(dict.fromkeys(found))


def _check_notifier(content: PluginContent, clock: PatientClock) -> list[str]:
    service = open_simulated(content)
    texts = {"key": "k"} if content.info.secrets else {}
    kind = channel_kind(content, clock, lambda: bytes(32), texts, transport=service.transport)
    notifier = kind.open()
    if kind.is_secret != isinstance(notifier, SealingNotifier):
        return ["it must have a method seal exactly where is_secret is true"]
    address = str(getattr(load_plugin(content), "EXAMPLE", ""))
    if not address:
        return ["it must define EXAMPLE, an address that its simulated service takes"]
    to = notifier.seal(address).secret if isinstance(notifier, SealingNotifier) else address
    message = OutgoingMessage(_MESSAGE.id, to, _MESSAGE.subject, _MESSAGE.text)
    found = []
    answer, fault = _attempt(notifier.send(message))
    if not isinstance(answer, str):
        found.append(f"send must return a text, raised {fault!r}" if fault else "send must return a text")
    elif not any(_MESSAGE.text.encode() in body for _, _, body in service.requests):
        found.append("send must carry the text of the message")
    for name in ("status 500", "status 429"):
        service.fault = name
        taken, fault = _attempt(notifier.send(message))
        service.fault = ""
        if taken is not None or not isinstance(fault, VigieError):
            said = "returned" if taken is not None else f"raised {fault!r}"
            found.append(f"an answer that is {name} must raise an error of vigie.domain.errors, {said}")
    return found


def _attempt(work: Coroutine[object, object, T]) -> tuple[T | None, Exception | None]:
    try:
        return asyncio.run(work), None
    except Exception as fault:  # noqa: BLE001 - whatever it raises is what is looked at
        return None, fault
