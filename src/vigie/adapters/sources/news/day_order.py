"""In which order a source writes day and month where both are figures: by its country, or not known."""

from __future__ import annotations

from typing import Final, Literal

DayOrder = Literal["dmy", "mdy", ""]
"""``12/03/2026`` is 12 March (``dmy``) or 3 December (``mdy``); empty where nobody can say."""

# Month first, by law or custom.
_MONTH_FIRST: Final = frozenset(("US", "AS", "FM", "GU", "MH", "MP", "PR", "PW", "UM", "VI"))
# Both are written, or the year first with figures that are read either way.
_BOTH_ORDERS: Final = frozenset(("CA", "KE", "KY", "PH", "TT"))
# Ends of names that anybody buys, whatever country they were made for.
_GENERIC_SUFFIXES: Final = frozenset(
    "ac ag ai am bz cc co fm gg io is la ly me mu nu sc sh so st tk to tv vc ws xyz".split()
)
_COUNTRY_BY_SUFFIX: Final = {"gov": "US", "mil": "US", "uk": "GB"}
# Of languages that no country writes with the month first.
_DAY_FIRST_LANGUAGES: Final = frozenset("bg cs da de el es fi fr hr it nl no pl pt ro ru sk sv tr uk".split())

# Of the United States alone.
_AMERICAN_ZONES: Final = frozenset(
    ("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Detroit",
     "America/Phoenix", "America/Anchorage", "Pacific/Honolulu")
)  # fmt: skip


def day_order(*, country: str = "", domain: str = "", zone: str = "UTC", language: str = "") -> DayOrder:
    """Return the order of a source.

    Parameters
    ----------
    country : str
        Its country (ISO 3166, two letters), where it is stated; else what its domain ends in, else its time zone.
    domain, zone : str
        Its own.
    language : str
        Decides where no country is known, if all countries that write it agree.
    """
    country_code = country.upper() or _country_of_domain(domain) or _country_of_zone(zone)
    if country_code in _MONTH_FIRST:
        return "mdy"
    if country_code in _BOTH_ORDERS:
        return ""
    if country_code or language in _DAY_FIRST_LANGUAGES:
        return "dmy"
    return ""


def _country_of_domain(domain: str) -> str:
    suffix = domain.rpartition(".")[2].lower()
    if suffix in _COUNTRY_BY_SUFFIX:
        return _COUNTRY_BY_SUFFIX[suffix]
    return suffix.upper() if len(suffix) == 2 and suffix.isalpha() and suffix not in _GENERIC_SUFFIXES else ""


def _country_of_zone(zone: str) -> str:
    """Return a country that writes as those of a zone do; empty where the zone is of none."""
    if zone in _AMERICAN_ZONES:
        return "US"
    return "EU" if zone.startswith("Europe/") else ""
