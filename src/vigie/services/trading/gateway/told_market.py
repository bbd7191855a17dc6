"""What only an account's process knows of its venue, told with its signs of life: halted contracts, its clock's drift.

A page that previews an entry asks the venue nothing: it has no key. The file of a sign of life is small, so contracts
that are traded as usual are not named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vigie.domain.time import SECOND_MS
from vigie.ports.health import HomeHealth, part_name
from vigie.ports.listed_venue import InstrumentPhase

# Names of halted contracts have so many characters together; with more of them nothing is known of any.
_MOST: Final = 1_500
_OLD_S: Final = 30.0
_LISTED, _DRIFT, _PHASE = "listed", "drift_ms", "phase:"
# As refusals by INSTRUMENT_STATE number them.
_WORDS: Final[Mapping[int, InstrumentPhase]] = {1: "ended", 2: "reducing", 3: "halted"}
_NUMBERS: Final = {word: number for number, word in _WORDS.items()}


@dataclass(frozen=True, slots=True)
class ToldMarket:
    """What the process of an account told last.

    Attributes
    ----------
    is_told : bool
        False where nothing is known: it does not run, or it is a model that trades every contract.
    is_listed : bool
        Whether the venue has answered which contracts it trades.
    phases : mapping
        Of contracts that are not traded as usual.
    drift_s : float or None
        This machine's clock less the venue's; None where nobody measured.
    """

    is_told: bool = False
    is_listed: bool = False
    phases: Mapping[str, InstrumentPhase] | None = None
    drift_s: float | None = None

    def phase(self, instrument: str) -> InstrumentPhase | None:
        """Return how a contract that the account trades is traded; None where the venue has not said so."""
        if not self.is_told:
            return "trading"
        return (self.phases or {}).get(instrument, "trading") if self.is_listed else None


def to_standing(phases: Mapping[str, InstrumentPhase | None], drift_s: float | None) -> dict[str, int]:
    """Return what a process tells of its venue, as a sign of life holds it.

    Parameters
    ----------
    phases : mapping
        Of each contract of the account; None where the venue has not said so.
    """
    stopped = [(name, phase) for name, phase in sorted(phases.items()) if phase in _NUMBERS]
    is_named = sum(len(name) + len(_PHASE) for name, _ in stopped) <= _MOST
    told = {f"{_PHASE}{name}": _NUMBERS[phase] for name, phase in stopped if is_named}
    if drift_s is not None:
        told[_DRIFT] = round(drift_s * SECOND_MS)
    return {_LISTED: int(is_named and None not in phases.values()), **told}


def read_told_market(home_health: HomeHealth, account: str) -> ToldMarket:
    """Return what the process of an account told last of its venue."""
    name = part_name(account)
    # An older sign is of a process that is gone; whoever trades the account now may be on another machine.
    fresh = (beat for beat in home_health.beats() if beat.part == name and beat.age_s <= _OLD_S)
    standing = next((beat.standing for beat in fresh), {})
    if _LISTED not in standing:
        return ToldMarket()
    phases = {
        key.removeprefix(_PHASE): _WORDS[value]
        for key, value in standing.items()
        if key.startswith(_PHASE) and value in _WORDS
    }
    drift_ms = standing.get(_DRIFT)
    return ToldMarket(
        True, bool(standing[_LISTED]), phases, None if drift_ms is None else drift_ms / SECOND_MS
    )
