"""Mail on disk, a file a message: a world that starts again has what it took."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ENDING: Final = ".mail"


@dataclass(frozen=True, slots=True)
class StoredMail:
    """One message as it was taken.

    Attributes
    ----------
    number, ts : int
        Its place in the order they came, and the market's time then.
    sender, recipients : str, tuple of str
        Of the envelope.
    raw : bytes
        The message itself.
    """

    number: int
    ts: int
    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class MailFolder:
    """Keeps messages below a folder; the first line of a file is the envelope, the rest the message.

    Parameters
    ----------
    path : Path
        Made when the first message is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, mail: StoredMail) -> None:
        """Keep a message: the whole of it, or nothing.

        Raises
        ------
        OSError
            If it cannot be written.
        """
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        envelope = {"ts": mail.ts, "sender": mail.sender, "recipients": list(mail.recipients)}
        place = self._place(mail.number)
        beside = place.with_name(f"{place.name}.new")
        beside.write_bytes(json.dumps(envelope).encode() + b"\n" + mail.raw)
        os.replace(beside, place)

    def remove(self, number: int) -> None:
        """Forget a message."""
        self._place(number).unlink(missing_ok=True)

    def read(self) -> list[StoredMail]:
        """Return what is kept, oldest first; a file that was damaged is left out."""
        found = []
        for place in sorted(self._path.glob(f"*{_ENDING}")):
            try:
                head, _, raw = place.read_bytes().partition(b"\n")
                told = json.loads(head)
                mail = StoredMail(
                    int(place.stem), int(told["ts"]), str(told["sender"]),
                    tuple(str(one) for one in told["recipients"]), raw,
                )  # fmt: skip
            except (OSError, ValueError, KeyError, TypeError):
                continue
            found.append(mail)
        return found

    def _place(self, number: int) -> Path:
        return self._path / f"{number:08d}{_ENDING}"
