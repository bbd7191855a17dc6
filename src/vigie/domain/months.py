"""The names of months as texts in English and French write them, without accents."""

from __future__ import annotations

from typing import Final

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january janvier janv", "feb february fevrier fevr fev", "mar march mars", "apr april avril avr",
            "may mai", "jun june juin", "jul july juillet juil", "aug august aout",
            "sep sept september septembre", "oct october octobre", "nov november novembre",
            "dec december decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
