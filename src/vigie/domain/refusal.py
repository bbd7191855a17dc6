"""A sentence that says why something was refused, with a code and arguments, so that any language can say it.

Takes a code, an English template and its arguments; gives a text that reads as the English sentence and keeps code and
arguments. Doors render it in the reader's language; stores keep both beside the sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from string import Formatter
from typing import Any, Final

# Begins the line of a log that has code and arguments of the sentence in the line before.
REFUSAL_LINE: Final = "refusal: "


class Refusal(str):
    """The English sentence of a refusal, with its code and arguments.

    Parameters
    ----------
    code : str
        Id of the sentence: the catalogue has it under ``refusal.CODE``. It outlives a change of wording.
    template : str
        English, with arguments in braces as `str.format` takes them: ``price precision must be 0..16, was {value!r}``.
    **arguments
        Values of the template. A refusal in a refusal, or an error that holds one, keeps its own code.

    Attributes
    ----------
    arguments : mapping
        What stands in the template's places, each as text or as a refusal.
    """

    __slots__ = ("arguments", "code")

    code: str
    arguments: Mapping[str, str]

    def __new__(cls, code: str, template: str, /, **arguments: object) -> Refusal:
        """Fill the template in."""
        plain, places = parse_template(template)
        texts = {name: _argument_text(arguments[name], conversion, spec) for name, conversion, spec in places}
        return cls.with_text(code, plain.format(**texts), texts)

    @classmethod
    def with_text(cls, code: str, text: str, arguments: Mapping[str, str]) -> Refusal:
        """Return the refusal of a sentence that is already written: by a library, or when it was stored.

        Parameters
        ----------
        code : str
            Id of the sentence in the catalogue.
        text : str
            English, already filled in.
        arguments : mapping of str to str
            Values by name, as text or refusals.

        Returns
        -------
        Refusal
            Reads as `text`.
        """
        refusal = super().__new__(cls, text)
        refusal.code = code
        refusal.arguments = arguments
        return refusal

    def __str__(self) -> str:
        """Return itself, so that the text of an error that holds a refusal is the refusal."""
        return self

    def __reduce__(self) -> tuple[object, tuple[str, str, dict[str, str]]]:
        """Return what makes an equal one in another process."""
        return _refusal, (self.code, str.__str__(self), dict(self.arguments))


def _refusal(code: str, text: str, arguments: Mapping[str, str]) -> Refusal:
    return Refusal.with_text(code, text, arguments)


def input_refusal(kind: str, text: str, values: Mapping[str, object]) -> Refusal:
    """Return the refusal of a value by a validating library, under the library's name for what is wrong.

    Parameters
    ----------
    kind : str
        The library's error type, ``string_too_short``.
    text : str
        The library's English message.
    values : mapping
        What the message names, such as ``min_length``.

    Returns
    -------
    Refusal
        Under ``input_KIND``; under ``input_KIND_one`` where the least length is 1.
    """
    arguments = {name: str(value) for name, value in values.items()}
    is_one = arguments.get("min_length") == "1"
    return Refusal.with_text(f"input_{kind}{'_one' if is_one else ''}", text, arguments)


def join_refusals(parts: Sequence[str]) -> str:
    """Return several refusals as one, in their order.

    Parameters
    ----------
    parts : sequence of str
        Sentences; plain text among them is allowed.

    Returns
    -------
    str
        Joined by "; "; a single part as it is; empty for none.
    """
    if len(parts) <= 1:
        return parts[0] if parts else ""
    return Refusal("several", "{first}; {rest}", first=parts[0], rest=join_refusals(parts[1:]))


def listed(words: Iterable[str]) -> str:
    """Return names as a refusal lists them; where there are none it says so.

    Parameters
    ----------
    words : iterable of str
        Names that programs know too, in their order.

    Returns
    -------
    str
        With spaces between them; a refusal of its own for none, so that any language can say it.
    """
    return " ".join(words) or Refusal("none_listed", "none")


def all_of(words: Sequence[str]) -> str:
    """Return names that are all meant, as a sentence lists them: ``tick, lot and instruments``.

    Parameters
    ----------
    words : sequence of str
        At least one.

    Returns
    -------
    str
        A refusal of its own where there are several.
    """
    if len(words) == 1:
        return words[0]
    return Refusal("first_and_last", "{first} and {last}", first=", ".join(words[:-1]), last=words[-1])


def change_words(text: str, change: Callable[[str], str]) -> str:
    """Return a text with other words in it, as when secrets are masked; a refusal has them in its arguments too.

    Parameters
    ----------
    text : str
        Plain text or a refusal.
    change : callable
        Gets each text, the innermost arguments too, and returns its replacement.

    Returns
    -------
    str
        A refusal with the same code where `text` is one.
    """
    if isinstance(text, Refusal):
        arguments = {name: change_words(value, change) for name, value in text.arguments.items()}
        return Refusal.with_text(text.code, change(str.__str__(text)), arguments)
    return change(text)


def shorten(text: str, length: int) -> str:
    """Return the beginning of a text; a refusal stays one, and so long is each of its arguments.

    Parameters
    ----------
    text : str
        Plain text or a refusal.
    length : int
        Most characters, of the sentence and of each argument alone.

    Returns
    -------
    str
        No ellipsis is added.
    """
    if isinstance(text, Refusal):
        arguments = {name: shorten(value, length) for name, value in text.arguments.items()}
        return Refusal.with_text(text.code, str.__str__(text)[:length], arguments)
    return text[:length]


def to_stored(text: str) -> dict[str, object] | None:
    """Return what a store keeps beside a sentence, as JSON: its code and arguments; None where it has none.

    Parameters
    ----------
    text : str
        Plain text or a refusal.

    Returns
    -------
    dict or None
        ``code`` and ``arguments``; inner refusals also hold their ``text``.
    """
    if not isinstance(text, Refusal):
        return None
    arguments: dict[str, object] = {}
    for name, value in text.arguments.items():
        inner = to_stored(value)
        arguments[name] = value if inner is None else {**inner, "text": str.__str__(value)}
    return {"code": text.code, "arguments": arguments}


def from_stored(text: str, stored: Mapping[str, object] | None) -> str:
    """Return a stored sentence as the refusal that it was; as it stands where nothing was kept beside it.

    Parameters
    ----------
    text : str
        English sentence, as stored.
    stored : mapping or None
        As `to_stored` gave it; None or malformed gives plain text.

    Returns
    -------
    str
        A refusal, or `text` itself.
    """
    if not stored:
        return text
    code, arguments = stored.get("code"), stored.get("arguments")
    if not isinstance(code, str) or not isinstance(arguments, dict):
        return text
    texts = {
        name: from_stored(str(value.get("text", "")), value) if isinstance(value, dict) else str(value)
        for name, value in arguments.items()
    }
    return Refusal.with_text(code, text, texts)


def with_refusals(values: Mapping[str, object]) -> dict[str, object]:
    """Return values with what a store keeps of the refusals among them, by name, under ``refusals``.

    Parameters
    ----------
    values : mapping
        Of a record, by name.

    Returns
    -------
    dict
        A copy; ``refusals`` is absent where none of the values is a refusal.
    """
    refusals = {name: to_stored(value) for name, value in values.items() if isinstance(value, Refusal)}
    return {**values, "refusals": refusals} if refusals else dict(values)


def read_refusals(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return stored values with the refusals among them; the reverse of `with_refusals`.

    Parameters
    ----------
    values : mapping
        Of a record, as JSON gave them; ``refusals`` among them holds codes and arguments by name.

    Returns
    -------
    dict
        The values without ``refusals``, those that have a code as refusals.
    """
    stored = values.get("refusals")
    codes = stored if isinstance(stored, dict) else {}
    return {name: _with_code(value, codes.get(name)) for name, value in values.items() if name != "refusals"}


def _with_code(value: object, code: object) -> object:
    if not isinstance(value, str) or not isinstance(code, dict):
        return value
    return from_stored(value, code)


def printable(text: str) -> str:
    """Return a text from outside with escapes in place of what a terminal would obey; a refusal stays one.

    Parameters
    ----------
    text : str
        Of a manifest, a file name or a library.

    Returns
    -------
    str
        The same words, every letter of which can be printed.
    """
    return change_words(text, lambda words: "".join(map(_escape, words)))


@lru_cache(maxsize=2_048)
def parse_template(template: str) -> tuple[str, tuple[tuple[str, str, str], ...]]:
    """Return a template without conversions and formats, and of each of its places name, conversion and format.

    Parameters
    ----------
    template : str
        As `str.format` takes it.

    Returns
    -------
    tuple of str, tuple
        The template with bare names, then (name, conversion, format) of each place in order; no conversion is
        "".
    """
    plain, places = "", []
    for literal, name, spec, conversion in Formatter().parse(template):
        plain += literal.replace("{", "{{").replace("}", "}}")
        if name is not None:
            plain += f"{{{name}}}"
            places.append((name, conversion or "", spec or ""))
    return plain, tuple(places)


def _escape(letter: str) -> str:
    return letter if letter.isprintable() else repr(letter)[1:-1]


def _argument_text(value: object, conversion: str, spec: str) -> str:
    if conversion == "r":
        return format(repr(value), spec)
    # The text of an error that holds a refusal is the refusal: `format` would lose it.
    return format(value, spec) if spec else str(value)
