"""Figures of a country's tax rules: dated data with source and sureness, looked up by year."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

SURENESS = ("sure", "likely", "chosen")
# The flag of a year that is not in a country's file.
NO_RULES = "no_rules"


@dataclass(frozen=True, slots=True)
class CountryFigure:
    """A figure that is in force from a day on.

    Attributes
    ----------
    name : str
        What it is.
    value : Decimal
        Its amount or per cent.
    valid_from : date
        The figure of a year is the last one that began in or before it.
    source, sureness : str
        Where it stands, and how sure it is.
    """

    name: str
    value: Decimal
    valid_from: date
    source: str
    sureness: str


@dataclass(frozen=True, slots=True)
class CountryChoice:
    """A rule as it is read here, with its switch where it has one.

    Attributes
    ----------
    name, text : str
        What it is about, and what is done.
    valid_from : date
        From when on.
    source, sureness : str
        Where it stands, and how sure it is.
    switch : bool or None
        What holds unless a person says otherwise; nothing where there is no switch.
    """

    name: str
    text: str
    valid_from: date
    source: str
    sureness: str
    switch: bool | None = None


@dataclass(frozen=True, slots=True)
class CountryRules:
    """The file of a country.

    Attributes
    ----------
    first_year, last_year : int
        Years that it knows.
    zone : str
        Whose calendar counts.
    figures : tuple of CountryFigure
        By name and beginning.
    choices : tuple of CountryChoice
        How its texts are read.
    """

    first_year: int
    last_year: int
    zone: str
    figures: tuple[CountryFigure, ...]
    choices: tuple[CountryChoice, ...]

    def knows(self, year: int) -> bool:
        """Tell whether a year is in the file.

        Parameters
        ----------
        year : int
            A calendar year.

        Returns
        -------
        bool
            Without it there are no figures.
        """
        return self.first_year <= year <= self.last_year

    def figure(self, name: str, year: int) -> Decimal | None:
        """Return the figure of a year.

        Parameters
        ----------
        name : str
            What it is.
        year : int
            A calendar year.

        Returns
        -------
        Decimal or None
            Nothing where none is in force, or the year is not in the file.
        """
        started = [one for one in self.figures if one.name == name and one.valid_from.year <= year]
        if not started or not self.knows(year):
            return None
        return max(started, key=lambda one: one.valid_from).value

    def switch(self, name: str) -> bool:
        """Return what a switch says unless a person says otherwise.

        Parameters
        ----------
        name : str
            The name of its choice.

        Returns
        -------
        bool
            As the file says.
        """
        return any(choice.switch for choice in self.choices if choice.name == name)


@cache
def read_country(name: str) -> CountryRules:
    """Return the rules of a country.

    Parameters
    ----------
    name : str
        The name of its file.

    Returns
    -------
    CountryRules
        Read once.
    """
    given = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    return CountryRules(
        first_year=given["first_year"],
        last_year=given["last_year"],
        zone=given["zone"],
        figures=tuple(CountryFigure(**{**one, "value": Decimal(one["value"])}) for one in given["figure"]),
        choices=tuple(CountryChoice(**one) for one in given["choice"]),
    )
