"""What Binance's codes say happened.

Codes of https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code and the page on statuses of
HTTP beside it, read in copies of 2026. A code that is not here is ambiguous.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from vigie.adapters.venues.envelope import Meaning
from vigie.domain.refusal import Refusal

MULTI_ASSETS: Final = "-4168"
MULTI_ASSETS_CURE: Final = Refusal(
    "multi_assets_mode",
    "this account is in multi-assets mode, where positions cannot be isolated; switch to single-asset mode in "
    "Binance's futures settings, with nothing open",
)
FLAT: Final = "-2022"
"""There is no position to make smaller."""

NO_SUCH_ORDER: Final = "-2013"

_BY_MEANING: Final[Mapping[Meaning, str]] = {
    # Key, signature, rights, address; a locked or inactive account.
    "auth": "-1002 -1022 -2014 -2015 -2017 -4109",
    "clock": "-1021 -5028",
    # Also when the whole venue has too much to do: said to have done nothing.
    "throttled": "-1003 -1008 -1015 -1034",
    "halted": "-1016 -4108 -4140",
    "gone": "-1121 -1122 -4141 -4168 -4531",
    "duplicate": "-4116",
    "absent": "-2011 -2013",
    "ambiguous": "-1000 -1001 -1006 -1007",
    "rejected": (
        # Parameters that are missing, wrong or off the grid.
        "-1013 -1100 -1101 -1102 -1103 -1104 -1105 -1106 -1108 -1109 -1111 -1112 -1113 -1114 -1115 -1116 -1117 -1118 "
        "-1119 -1120 -1127 -1128 -1130 -1131 -1136 -5000 "
        # Orders that cannot be.
        "-2010 -2018 -2019 -2020 -2021 -2022 -2023 -2024 -2025 -2026 -2027 -2028 -5021 -5022 -5025 -5026 -5027 "
        "-4000 -4001 -4002 -4003 -4004 -4005 -4006 -4007 -4008 -4012 -4013 -4014 -4015 -4016 -4023 -4024 -4028 -4029 "
        "-4030 -4045 -4046 -4047 -4048 -4049 -4050 -4051 -4055 -4059 -4060 -4061 -4062 -4067 -4068 -4086 -4087 -4088 "
        "-4118 -4120 -4128 -4129 -4130 -4131 -4135 -4136 -4137 -4138 -4139 -4142 -4144 -4161 -4164 -4165 -4167 -4169 "
        "-4183 -4184 -4185 -4192 -4202 -4203 -4206 -4208 -4209 -4210 -4211 -4400 -4401 -4402 -4403 -4509"
    ),
}
_MEANINGS: Final[Mapping[str, Meaning]] = {
    code: meaning for meaning, codes in _BY_MEANING.items() for code in codes.split()
}
# Too often; the firewall; banned.
_THROTTLED: Final = frozenset({403, 418, 429})
_BLOCKED_REGION: Final = 451
_TIMED_OUT: Final = 408
_DUPLICATE_ID: Final = re.compile(r"duplicated?", re.IGNORECASE)


def meaning_of(code: str, words: str, status: int) -> Meaning:
    """Return what an answer says happened.

    Parameters
    ----------
    code, words : str
        The venue's.
    status : int
        Of HTTP: what a server that failed says of an order is no proof, but for the one code that is said to be.
    """
    if status in _THROTTLED:
        return "throttled"
    if status >= 500 or status == _TIMED_OUT:
        return "throttled" if code == "-1008" else "ambiguous"
    if status == _BLOCKED_REGION:
        return "gone"
    if code and code not in _MEANINGS and _DUPLICATE_ID.search(words):
        return "duplicate"
    return _MEANINGS.get(code, "ambiguous")
