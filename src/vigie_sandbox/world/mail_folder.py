"""Mail on disk, a file a message: a world that starts again has what it took."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SUFFIX: Final = ".mail"


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
        path = self._mail_path(mail.number)
        temporary = path.with_name(f"{path.name}.new")
        temporary.write_bytes(json.dumps(envelope).encode() + b"\n" + mail.raw)
        os.replace(temporary, path)

    def remove(self, number: int) -> None:
        """Forget a message."""
        self._mail_path(number).unlink(missing_ok=True)

    def read(self) -> list[StoredMail]:
        """Return what is kept, oldest first; a file that was damaged is left out."""
        mails = []
        for path in sorted(self._path.glob(f"*{_SUFFIX}")):
            try:
                head, _, raw = path.read_bytes().partition(b"\n")
                envelope = json.loads(head)
                mail = StoredMail(
                    int(path.stem), int(envelope["ts"]), str(envelope["sender"]),
                    tuple(str(recipient) for recipient in envelope["recipients"]), raw,
                )  # fmt: skip
            except (OSError, ValueError, KeyError, TypeError):
                continue
            mails.append(mail)
        return mails

    def _mail_path(self, number: int) -> Path:
        return self._path / f"{number:08d}{_SUFFIX}"
