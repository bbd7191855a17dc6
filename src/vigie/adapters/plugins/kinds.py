"""The kinds of plug-ins: where those of Vigie lie, and which may come from outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.domain.errors import UsageError

_PACKAGE: Final = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class PluginKind:
    """One kind of plug-in.

    Attributes
    ----------
    id : str
        ``source``.
    pattern : str
        What matches each of those that come with Vigie, below the package.
    program : str
        The file that one from outside defines its contract in; empty where none may come from outside.
    defines : str
        What that file must define.
    """

    id: str
    pattern: str
    program: str = ""
    defines: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it may come from outside."""
        return self.program != ""

    def shipped(self) -> list[str]:
        """Return the names of those that come with Vigie; nothing is imported."""
        paths = sorted(_PACKAGE.glob(self.pattern))
        return [path.parent.name if path.name in _FILES_OF_FOLDERS else path.stem for path in paths]


_FILES_OF_FOLDERS: Final = ("manifest.toml", "page.py")
# A venue, a page and an operation meet keys and sessions: they stay inside.
KINDS: Final[dict[str, PluginKind]] = {
    kind.id: kind
    for kind in (
        PluginKind("strategy", "trading/strategies/[!_]*.py", "strategy.py", "criteria"),
        PluginKind("indicator", "quant/indicators/[!_]*.py", "indicator.py", "INDICATORS"),
        PluginKind("metric", "quant/metrics/[!_]*.py", "metric.py", "METRICS"),
        PluginKind("source", "adapters/sources/*/manifest.toml", "source.py", "open_feeds"),
        PluginKind("notifier", "adapters/notifiers/*/manifest.toml", "notifier.py", "open_notifier"),
        PluginKind("venue", "adapters/venues/*/manifest.toml"),
        PluginKind("page", "views/web/pages/*/page.py"),
        PluginKind("operation", "services/operations/[!_]*.py"),
    )
}


def kind_of(name: str) -> PluginKind:
    """Return a kind by its name.

    Raises
    ------
    UsageError
        If there is no such kind.
    """
    if name not in KINDS:
        raise UsageError(f"kind must be one of {', '.join(KINDS)}, was {name!r}")
    return KINDS[name]


def open_kind_of(name: str) -> PluginKind:
    """Return a kind that may come from outside.

    Raises
    ------
    UsageError
        If there is no such kind, or it stays inside.
    """
    kind = kind_of(name)
    if not kind.is_open:
        possible = ", ".join(one.id for one in KINDS.values() if one.is_open)
        raise UsageError(f"{name}s cannot come from outside; kinds that can: {possible}")
    return kind
