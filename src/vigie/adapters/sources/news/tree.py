"""A page as a tree, however badly it is written, and what a selector picks from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

from vigie.domain.errors import ConfigError

_VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# These end where the next of their kind begins: most hand-written lists leave the end out.
_ENDS_ITSELF: Final = frozenset(("li", "p", "tr", "td", "th", "dt", "dd", "option"))
_HOLDS: Final = frozenset(("ul", "ol", "table", "tbody", "dl", "select", "div", "section", "article", "main"))
_SILENT: Final = frozenset(("script", "style", "noscript", "template"))
_DEEPEST: Final = 200
_MOST_NODES: Final = 100_000
# What is left open at the end of a page is read again from each of its signs: of a long rest nothing is.
_LONGEST_REST: Final = 4_096
_STEP: Final = re.compile(
    r"(?P<tag>[a-z][a-z0-9]*|\*)?(?P<rest>(?:[.#][\w-]+|\[[\w-]+(?:=[\"']?[^\"'\]]*[\"']?)?\])*)", re.I
)
_MARK: Final = re.compile(r"([.#])([\w-]+)|\[([\w-]+)(?:=[\"']?([^\"'\]]*)[\"']?)?\]")


@dataclass(slots=True)
class Node:
    """An element; its children are elements and texts in order."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    def walk(self, walked: set[int] | None = None) -> Iterator[Node]:
        """Yield the elements below it, in the order of the page.

        Parameters
        ----------
        walked : set of int, optional
            Ids of those that were yielded before, which are left out; those yielded now are added.
        """
        walked = set() if walked is None else walked
        waiting = [one for one in reversed(self.children) if isinstance(one, Node)]
        while waiting:
            node = waiting.pop()
            if id(node) in walked:
                continue
            walked.add(id(node))
            yield node
            waiting.extend(one for one in reversed(node.children) if isinstance(one, Node))

    def text(self) -> str:
        """Return its words on one line."""
        return " ".join("".join(self._words()).split())

    def _words(self) -> Iterator[str]:
        waiting: list[Node | str] = [self]
        while waiting:
            one = waiting.pop()
            if isinstance(one, str):
                yield one
            elif one.tag not in _SILENT:
                waiting.extend(reversed(one.children))
                yield " "


@dataclass(frozen=True, slots=True)
class _Step:
    tag: str
    marks: tuple[tuple[str, str | None], ...]
    is_child: bool

    def fits(self, node: Node) -> bool:
        if self.tag not in ("", "*", node.tag):
            return False
        return all(_has(node, name, value) for name, value in self.marks)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]
        # How many of each tag are open: an end that nothing began is known without looking through them.
        self._tags: Counter[str] = Counter()
        self._count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._count += 1
        if self._count > _MOST_NODES:
            return
        if tag in _ENDS_ITSELF:
            self._end_former(tag)
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(node)
        if tag not in _VOID and len(self._open) < _DEEPEST:
            self._open.append(node)
            self._tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        while self._tags[tag]:
            ended = self._open.pop()
            self._tags[ended.tag] -= 1
            if ended.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)

    def _end_former(self, tag: str) -> None:
        if not self._tags[tag]:
            return
        for node in reversed(self._open):
            if node.tag == tag:
                self.handle_endtag(tag)
                return
            if node.tag in _HOLDS:
                return


def tree_of(page: str) -> Node:
    """Return a page's root; what an element or a comment that never ends holds is left out."""
    builder = _Builder()
    try:
        builder.feed(page)
        if len(builder.rawdata) <= _LONGEST_REST:
            builder.close()
    except AssertionError:
        # Its way to say that it knows no such declaration: what stands before it was read.
        return builder.root
    return builder.root


def pick(root: Node, selector: str) -> list[Node]:
    """Return what a selector picks, in the order of the page.

    Parameters
    ----------
    selector : str
        A part of CSS: tags, ``.class``, ``#id``, ``[name]``, ``[name=value]``, blanks and ``>`` between them, commas
        between several.

    Raises
    ------
    ConfigError
        If it is none of these.
    """
    found: dict[int, Node] = {}
    for one in selector.split(","):
        steps = _steps(one)
        picked = [root]
        for step in steps:
            picked = _below(picked, step)
        found.update({id(node): node for node in picked})
    return [node for node in root.walk() if id(node) in found]


def _below(nodes: list[Node], step: _Step) -> list[Node]:
    found: dict[int, Node] = {}
    walked: set[int] = set()
    for node in nodes:
        near = (one for one in node.children if isinstance(one, Node)) if step.is_child else node.walk(walked)
        found.update({id(one): one for one in near if step.fits(one)})
    return list(found.values())


def _steps(selector: str) -> list[_Step]:
    found, is_child = [], False
    for word in selector.replace(">", " > ").split():
        if word == ">":
            is_child = True
            continue
        parsed = _STEP.fullmatch(word)
        if parsed is None:
            raise ConfigError(f"selector must be of tags, .class, #id and [name=value], was {selector!r}")
        found.append(_Step((parsed["tag"] or "").lower(), _marks(parsed["rest"]), is_child))
        is_child = False
    if not found or is_child:
        raise ConfigError(f"selector must name what it picks, was {selector!r}")
    return found


def _marks(rest: str) -> tuple[tuple[str, str | None], ...]:
    found: list[tuple[str, str | None]] = []
    for sign, word, name, value in _MARK.findall(rest):
        if sign:
            found.append(("class" if sign == "." else "id", word))
        else:
            found.append((name.lower(), value if "=" in rest else None))
    return tuple(found)


def _has(node: Node, name: str, value: str | None) -> bool:
    held = node.attributes.get(name)
    if held is None:
        return False
    if name == "class":
        return value is None or value in held.split()
    return value is None or held == value
