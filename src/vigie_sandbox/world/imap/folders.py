"""What lies in the reader's mailbox at a time: a folder for each newsletter, and an empty inbox."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from vigie_sandbox.world.newsroom.archive import Archive
from vigie_sandbox.world.newsroom.newsletters import NEWSLETTERS, format_mail, list_issues

INBOX: Final = "INBOX"
_NON_ASCII: Final = re.compile(r"[^\x20-\x7e]+")


@dataclass(frozen=True, slots=True)
class FolderMessage:
    """One letter in a folder.

    Attributes
    ----------
    uid : int
        Never given to another letter of the folder.
    ts : int
        When it came, market time.
    raw : callable
        Makes its bytes, always the same.
    """

    uid: int
    ts: int
    raw: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as it is now, oldest letter first; `validity` is another one in another world."""

    name: str
    validity: int
    messages: tuple[FolderMessage, ...] = ()

    @property
    def next_uid(self) -> int:
        """A number above that of every letter."""
        return self.messages[-1].uid + 1 if self.messages else 1


def list_folders(archive: Archive, now_ms: int) -> dict[str, Folder]:
    """Return the folders by their names on the wire."""
    validity = archive.world.opened_ms // 1_000
    found_folders = [Folder(INBOX, validity)]
    for entry in NEWSLETTERS:
        issues = list_issues(archive, entry, now_ms)
        messages = tuple(
            FolderMessage(issue.number, issue.ts, partial(format_mail, issue)) for issue in issues
        )
        found_folders.append(Folder(entry.folder, validity, messages))
    return {encode_folder_name(entry.name): entry for entry in found_folders}


def encode_folder_name(name: str) -> str:
    """Return a folder's name as IMAP writes it: UTF-7 with a comma for the slash (RFC 3501, 5.1.3)."""
    return _NON_ASCII.sub(_encode_utf7, name.replace("&", "&-"))


def _encode_utf7(match: re.Match[str]) -> str:
    coded = base64.b64encode(match[0].encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
    return f"&{coded}-"
