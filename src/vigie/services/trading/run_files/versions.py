"""Where each version of a run file stands: told by its marks and by which runs there are, not by a state it has."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vigie.domain.refusal import from_stored, to_stored
from vigie.domain.run_file_version import RunFileVersion, VersionState, digest_of
from vigie.ports.run_files import RunFileStore
from vigie.ports.tradebook import TradeBook


@dataclass(frozen=True, slots=True)
class StatedVersion:
    """A version and where it stands."""

    version: RunFileVersion
    state: VersionState


def list_versions(files: RunFileStore, trades: TradeBook, owner: str, account: str) -> list[StatedVersion]:
    """Return the versions of an account and where each stands, oldest first."""
    versions = files.versions(owner, account)
    if not versions:
        return []
    run = trades.run(account)
    present = "" if run is None else run.id
    begun = {run.id for run in trades.runs_of(owner) if run.account == account}
    newest = versions[-1].version
    return [
        StatedVersion(item, _state(item, present, begun, is_newest=item.version == newest))
        for item in versions
    ]


def waiting_version(versions: Sequence[StatedVersion]) -> RunFileVersion | None:
    """Return the version that waits to take effect; None where none does."""
    newest = versions[-1] if versions else None
    return newest.version if newest is not None and newest.state == "waiting" else None


def is_known_text(versions: Sequence[StatedVersion], text: str) -> bool:
    """Tell whether some version knows a text of the file: nobody changed it by hand, nothing is lost with it."""
    digest = digest_of(text)
    return any(digest in (stated.version.digest_before, stated.version.digest_after) for stated in versions)


def note_of(reason: str) -> str:
    """Return what is kept of a reason, with its code and arguments."""
    return json.dumps({"text": str.__str__(reason), "refusal": to_stored(reason)})


def reason_of(note: str) -> str:
    """Return the reason that a note keeps."""
    kept = json.loads(note)
    return from_stored(kept["text"], kept["refusal"])


def _state(version: RunFileVersion, present: str, begun: Collection[str], *, is_newest: bool) -> VersionState:
    if version.run == present:
        return "in_effect"
    if version.run in begun:
        return "past"
    if "cancelled" in version.marks:
        return "cancelled"
    if "refused" in version.marks:
        return "refused"
    return "waiting" if is_newest else "replaced"
