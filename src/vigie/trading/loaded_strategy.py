"""A strategy as the catalogue loads it, with its parameters checked and optional criteria required where asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, fields, replace
from typing import Any

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.refusal import listed
from vigie.domain.signal import Criteria, Criterion


@dataclass(frozen=True, slots=True)
class Strategy:
    """A loaded strategy.

    Attributes
    ----------
    name : str
        The file's name.
    title, doc : str
        First line of its docstring; the whole of it, with the source.
    timeframe : str
        What it was made for; ``native`` runs use it.
    params : type
        Its frozen dataclass of parameters.
    warmup : callable
        Bars before the first possible decision, given parameters.
    criteria : callable
        ``criteria(bars, params) -> Criteria``.
    path : str
        The file, as shown to people.
    require : tuple of str
        Words that name the optional criteria a setting makes required; see `requiring`.
    digest : str
        SHA-256 of a person's own file as it was loaded, empty for others.
    """

    name: str
    title: str
    doc: str
    timeframe: str
    params: type[Any]
    warmup: Callable[[Any], int]
    criteria: Callable[[Bars, Any], Criteria]
    path: str
    require: tuple[str, ...] = ()
    digest: str = ""

    def defaults(self) -> Any:
        """Return the default parameters.

        Returns
        -------
        any
            An instance of `params`, as the file declares them.
        """
        return self.params()

    def with_params(self, given: Mapping[str, object]) -> Any:
        """Return parameters with some values replaced.

        Parameters
        ----------
        given : mapping
            By name; text such as ``"1e9"`` is read as a number, names left out keep their defaults.

        Returns
        -------
        any
            An instance of `params`, checked.

        Raises
        ------
        UsageError
            If a name is unknown or a value has the wrong type or lies outside its bounds.
        """
        known = {f.name: f for f in fields(self.params)}
        values: dict[str, object] = {}
        for name, value in given.items():
            if name not in known:
                names = listed(known)
                raise UsageError(
                    "unknown_parameter",
                    "parameter of {name} must be one of {names}, was {name_2!r}",
                    name=self.name,
                    names=names,
                    name_2=name,
                )
            values[name] = _checked(f"{self.name}.{name}", value, known[name])
        return self.params(**values)

    def requiring(self, words: str | Iterable[str]) -> Strategy:
        """Return this strategy with optional criteria that gate the entry as the required ones do.

        Parameters
        ----------
        words : iterable of str, or text with commas
            Each names the optional criteria with it in their names: ``trend``, ``volume``; ``all`` names all.

        Returns
        -------
        Strategy
            The same object where nothing changes.
        """
        given = words.split(",") if isinstance(words, str) else words
        require = tuple(sorted({word.strip().lower() for word in given} - {""}))
        return self if require == self.require else replace(self, require=require)

    def gated(self, criteria: Criteria) -> Criteria:
        """Return an answer of this strategy in which the criteria that `require` names are required.

        Parameters
        ----------
        criteria : Criteria
            As this strategy gave them.

        Returns
        -------
        Criteria
            The same object where `require` is empty; exits and distances are untouched.

        Raises
        ------
        UsageError
            If a word is in the name of no criterion of a side.
        """
        if not self.require:
            return criteria
        # Both sides may share a criterion, which is then still computed once.
        known: dict[int, Criterion] = {}
        return Criteria(
            long=self._gated(criteria.long, known),
            short=self._gated(criteria.short, known),
            long_exit=criteria.long_exit,
            short_exit=criteria.short_exit,
            stop_distance=criteria.stop_distance,
            target_distance=criteria.target_distance,
            warmup=criteria.warmup,
        )

    def _gated(self, side: tuple[Criterion, ...], known: dict[int, Criterion]) -> tuple[Criterion, ...]:
        for word in self.require if side else ():
            if word != "all" and not any(word in criterion.name.lower() for criterion in side):
                names = ", ".join(repr(criterion.name) for criterion in side)
                raise UsageError(
                    "require_must_name_criterion",
                    "require must name a criterion of {name} ({names}), was {word!r}",
                    name=self.name,
                    names=names,
                    word=word,
                )
        for criterion in side:
            named = any(word == "all" or word in criterion.name.lower() for word in self.require)
            if named and not criterion.required:
                known.setdefault(
                    id(criterion),
                    Criterion(criterion.name, criterion.reading, criterion.weight, True, criterion.sense),
                )
        return tuple(known.get(id(criterion), criterion) for criterion in side)


def _checked(name: str, value: object, spec: Field[Any]) -> float | int:
    kind: type[Any] = type(spec.default)
    if isinstance(value, bool):
        raise UsageError("not_a_number", "{name} must be a number, was {text!r}", name=name, text=value)
    try:
        given: Any = value
        if isinstance(value, str):
            # A whole number may be written 1e9 or 20.0.
            given = int(value) if kind is int and value.strip().lstrip("+-").isdecimal() else float(value)
        number = kind(given)
    except (TypeError, ValueError, OverflowError):
        raise UsageError(
            "not_a_number", "{name} must be a number, was {text!r}", name=name, text=value
        ) from None
    if kind is int and isinstance(given, float) and given != number:
        raise UsageError(
            "not_a_whole_number", "{name} must be a whole number, was {value!r}", name=name, value=value
        )
    low, high = spec.metadata["low"], spec.metadata["high"]
    if not low <= number <= high:
        raise UsageError(
            "outside_bounds",
            "{name} must be {low:g}..{high:g}, was {number!r}",
            name=name,
            low=low,
            high=high,
            number=number,
        )
    return number
