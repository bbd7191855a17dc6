"""Plug-ins that do not come with Vigie: what they declare to reach, and whether an admin allowed them."""

from __future__ import annotations

from typing import Final

from vigie.domain.person import Caller
from vigie.ports.plugins import PluginDirectory, PluginInfo
from vigie.services.operation import NoInput, Table, operation
from vigie.services.rows import Row, shown, table_of

# Below the home folder.
FOLDER: Final = "plugins"


class PluginRow(Row):
    """One plug-in from outside."""

    name: str = shown("Name", definition="The name to allow it by.")
    kind: str = shown("Kind")
    title: str = shown("Title")
    version: str = shown("Version")
    state: str = shown("State", definition="on, not allowed or unusable.")
    hosts: str = shown("Hosts", definition="Hosts it declares; * means hosts that people enter.")
    are_hosts_enforced: bool
    stores: str = shown("Data read", definition="Vigie data it declares to read.")
    secrets: str = shown("Secrets", definition="Environment variables it declares for its keys.")
    schemes: str = shown("Schemes", definition="Address prefixes of its alert channel.")
    sha256: str = shown("SHA-256", definition="Hash of all its files.")
    fault: str = shown("Problem")


@operation("plugins.list", example={})
def list_plugins(caller: Caller, params: NoInput, plugins: PluginDirectory) -> Table[PluginRow]:
    """List the plug-ins that do not come with Vigie, with what they declare; none of them is run for it."""
    rows = [_make_row(info) for info in plugins.list_plugins()]
    return table_of(PluginRow, rows, total=len(rows))


def _make_row(info: PluginInfo) -> PluginRow:
    state = "unusable" if info.fault else "on" if info.is_allowed else "not allowed"
    return PluginRow(
        name=info.name, kind=info.kind, title=info.title, version=info.version, state=state,
        hosts=" ".join(info.hosts), are_hosts_enforced=info.kind == "source", stores=" ".join(info.stores),
        secrets=" ".join(info.secrets), schemes=" ".join(info.schemes), sha256=info.sha256, fault=info.fault,
    )  # fmt: skip
