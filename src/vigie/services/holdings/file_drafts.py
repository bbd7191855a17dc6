"""What a row of a file says, before anybody knows which coin a ticker means: what was given, received and paid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vigie.domain.refusal import Refusal

# Where coins lie that left a place for one that the file does not name, or came from there.
ELSEWHERE: Final = "elsewhere"
Label = Literal[
    "", "staking", "mining", "interest", "service", "airdrop", "gift", "loss", "fee", "fork", "payment", "bought"
]  # fmt: skip
Trade = Literal["", "buy", "sell", "swap", "fork"]
INCOMES: Final = ("staking", "mining", "interest", "service", "airdrop")


@dataclass(frozen=True, slots=True)
class FileAmount:
    """So much of a coin, or of state money.

    Attributes
    ----------
    quantity : str
        A plain decimal, not negative.
    ticker : str
        As the file writes it, in capitals.
    """

    quantity: str
    ticker: str


@dataclass(frozen=True, slots=True)
class FileFault:
    """What cannot be read, or is to be known.

    Attributes
    ----------
    line : int
        As spreadsheets number rows.
    column : str
        Its header; empty for the whole row.
    message : str
        A refusal.
    entry : str
        The kept line that it is about; empty for none.
    """

    line: int
    column: str
    message: str
    entry: str = ""


@dataclass(frozen=True, slots=True)
class FileDraft:
    """One event of a file.

    Attributes
    ----------
    line : int
        Its first row.
    ts : int
        Epoch milliseconds.
    gave, got : FileAmount or None
        What left and what came; one of them at least.
    fee : FileAmount or None
        Beside both.
    worth : FileAmount or None
        Money that it was worth, where the file says so.
    label : str
        What it was, where amounts do not say it.
    key : str
        The venue's own id; empty where it has none.
    place : str
        Where it happened, as the file says; empty for the place of the file.
    trade : str
        What the file calls it, where that needs two sides; empty where amounts alone say what it was.
    """

    line: int
    ts: int
    gave: FileAmount | None = None
    got: FileAmount | None = None
    fee: FileAmount | None = None
    worth: FileAmount | None = None
    label: Label = ""
    key: str = ""
    place: str = ""
    trade: Trade = ""


def refuse_elsewhere(place: str) -> Refusal | None:
    """Return what is said of a place with the name of the one that files do not name; None for others.

    Parameters
    ----------
    place : str
        What lies there.
    """
    if " ".join(place.split()).casefold() != ELSEWHERE:
        return None
    return Refusal(
        "import_place_taken",
        "{place} is the place of coins that left all your places; give this one another name",
        place=ELSEWHERE,
    )
