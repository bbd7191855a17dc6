"""Names that a plug-in may not take: ids whose keys belong to others, and ids and schemes of other plug-ins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from functools import cache

from vigie.adapters.plugins.content import PluginContent
from vigie.adapters.plugins.kinds import KINDS
from vigie.adapters.sources.news.listing import SHIPPED, feeds
from vigie.domain.keyed_services import KEYED_SERVICES, MAILBOX_PREFIX
from vigie.domain.refusal import Refusal


def is_reserved(plugin_id: str) -> bool:
    """Tell whether a key of this id in the settings belongs to Vigie."""
    return plugin_id in _reserved_ids() or plugin_id.startswith(MAILBOX_PREFIX)


@cache
def _reserved_ids() -> frozenset[str]:
    keyed_feeds = (entry.id for entry in feeds(SHIPPED) if entry.key_header)
    return frozenset((*KINDS["source"].shipped(), *KINDS["venue"].shipped(), *keyed_feeds, *KEYED_SERVICES))


def with_conflicts(contents: Sequence[PluginContent], own_sources: Collection[str]) -> list[PluginContent]:
    """Return plug-ins with a fault where an id or a scheme is taken.

    Of two that want the same one, the allowed one keeps it; none does where both are allowed, or neither is.

    Parameters
    ----------
    own_sources : collection of str
        Ids of a person's own sources, whose keys are theirs.
    """
    faults: dict[str, str] = {}
    for content in contents:
        if content.info.id in own_sources:
            faults[content.info.name] = Refusal(
                "id_of_own_source",
                "an own source is called {id}; rename the plug-in's folder and its id",
                id=content.info.id,
            )
    for plugin_id, rivals in _rivals((content.info.id, content) for content in contents if content.info.id):
        fault = Refusal("several_plugins_id", "several plug-ins are called {id}", id=plugin_id)
        faults.update({name: faults.get(name, fault) for name in rivals})
    for scheme, rivals in _rivals(
        (scheme, content) for content in contents for scheme in set(content.info.schemes)
    ):
        fault = Refusal(
            "several_plugins_scheme", "several plug-ins take addresses {scheme}://", scheme=scheme
        )
        faults.update({name: faults.get(name, fault) for name in rivals})
    return [
        replace(content, info=replace(content.info, fault=content.info.fault or faults[content.info.name]))
        if content.info.name in faults
        else content
        for content in contents
    ]


def _rivals(taken: Iterable[tuple[str, PluginContent]]) -> list[tuple[str, list[str]]]:
    """Return what several plug-ins want, with the names of those that do not get it."""
    wanted: defaultdict[str, list[PluginContent]] = defaultdict(list)
    for what, content in taken:
        wanted[what].append(content)
    refused = []
    for what, contents in wanted.items():
        on = [content for content in contents if content.info.is_on]
        losers = [content for content in contents if len(on) != 1 or content is not on[0]]
        if len(contents) > 1:
            refused.append((what, [content.info.name for content in losers]))
    return refused
