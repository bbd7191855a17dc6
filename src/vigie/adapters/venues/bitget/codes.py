"""What Bitget's codes say happened, by the code alone: the same words stand for other things elsewhere.

Codes of https://www.bitget.com/api-doc/contract/error-code and what integrations met, read in copies of late 2025.
A code that is not here is ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vigie.adapters.venues.envelope import Meaning
from vigie.domain.refusal import Refusal

UNIFIED: Final = "40085"
UNIFIED_CURE: Final = Refusal(
    "unified_account",
    "this is a unified account, which Bitget's classic futures interface refuses; switch it back to a classic account "
    "in Bitget's settings, or make a sub-account that is classic, and add its key with `vigie keys add bitget`",
)
NO_RIGHT: Final = "40014"

UNCHANGED: Final = frozenset({"40814", "45054"})
"""Leverage or mode is what it was to become: as good as done."""

FLAT: Final = frozenset({"22002", "40757", "45006", "40804", "40891"})
"""There is no position to make smaller."""

NO_SUCH_ORDER: Final = frozenset({"40109", "40768", "43001"})
"""Right after an order was placed this proves nothing."""

_BY_MEANING: Final[Mapping[Meaning, str]] = {
    # Key, passphrase, signature, rights, address.
    "auth": "40001 40002 40003 40006 40009 40011 40012 40014 40018 40036 40037 40038 40099",
    "clock": "40004 40005 40008",
    "throttled": "429 403 30006 30007",
    # Upgrade, maintenance, opening soon, settlement.
    "halted": "40200 40308 41114 43115 45043",
    # Contract removed; another kind of account.
    "gone": "40309 40102 40845 41113 40822 40085",
    "duplicate": "40786 45034 43118 50060 25212 40708",
    "absent": "40109 40768 43001 43025 22001 45057",
    "ambiguous": "40010 40015 40725 40910 45001 00001",
    "rejected": (
        # Below or above what is allowed, or not on the grid.
        "45110 41103 22034 45111 45115 45113 45112 45120 "
        # Money.
        "40762 43012 40711 40712 40754 40800 45002 "
        # No position.
        "22002 40757 45006 40804 40891 "
        # Form of the position mode; leverage and modes that cannot be changed now, or are so already.
        "40774 45109 40814 45054 40104 40893 45044 45045 45047 45117 40920 "
        # Levels on the wrong side of the price.
        "40917 45122 40829 40830 40831 40832 40833 40834 40835 40836 40837 40915 45061 45062 45063 45064 45065 "
        # Too many orders; parameters that are missing or wrong.
        "40889 40890 40723 45118 40017 40019 40020 40034 40305 400172 40404"
    ),
}
_MEANINGS: Final[Mapping[str, Meaning]] = {
    code: meaning for meaning, codes in _BY_MEANING.items() for code in codes.split()
}
# Said of a size or price that is not on the grid, and, in hours of releases, of nothing in particular.
_SCALE: Final = "40808"
_SCALE_FIELD: Final = re.compile(r"check\w*Scale|\b(size|price|amount|trigger\w*)\b", re.IGNORECASE)
_DUPLICATE_ID: Final = re.compile(r"duplicate.*client", re.IGNORECASE)


def meaning_of(code: str, words: str, status: int) -> Meaning:
    """Return what an answer says happened.

    Parameters
    ----------
    code, words : str
        The venue's.
    status : int
        Of HTTP: what a server that failed says of an order is no proof.
    """
    if status >= 500:
        return "ambiguous"
    if status == 429:
        return "throttled"
    if code == _SCALE:
        return "rejected" if _SCALE_FIELD.search(words) else "ambiguous"
    if code not in _MEANINGS and _DUPLICATE_ID.search(words):
        return "duplicate"
    return _MEANINGS.get(code, "ambiguous")
