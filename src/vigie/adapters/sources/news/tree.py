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
_IMPLIED_END_TAGS: Final = frozenset(("li", "p", "tr", "td", "th", "dt", "dd", "option"))
_CONTAINER_TAGS: Final = frozenset(
    ("ul", "ol", "table", "tbody", "dl", "select", "div", "section", "article", "main")
)
_HIDDEN_TAGS: Final = frozenset(("script", "style", "noscript", "template"))
_MAX_DEPTH: Final = 200
_MAX_NODES: Final = 100_000
# What is left open at the end of a page is read again from each of its signs: of a long rest nothing is.
_MAX_REST_LENGTH: Final = 4_096
_STEP: Final = re.compile(
    r"(?P<tag>[a-z][a-z0-9]*|\*)?(?P<rest>(?:[.#][\w-]+|\[[\w-]+(?:=[\"']?[^\"'\]]*[\"']?)?\])*)", re.I
)
_CONDITION: Final = re.compile(r"([.#])([\w-]+)|\[([\w-]+)(?:=[\"']?([^\"'\]]*)[\"']?)?\]")


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
        pending = [child for child in reversed(self.children) if isinstance(child, Node)]
        while pending:
            node = pending.pop()
            if id(node) in walked:
                continue
            walked.add(id(node))
            yield node
            pending.extend(child for child in reversed(node.children) if isinstance(child, Node))

    def text(self) -> str:
        """Return its words on one line."""
        return " ".join("".join(self._words()).split())

    def _words(self) -> Iterator[str]:
        pending: list[Node | str] = [self]
        while pending:
            part = pending.pop()
            if isinstance(part, str):
                yield part
            elif part.tag not in _HIDDEN_TAGS:
                pending.extend(reversed(part.children))
                yield " "


@dataclass(frozen=True, slots=True)
class _Step:
    tag: str
    conditions: tuple[tuple[str, str | None], ...]
    is_child: bool

    def matches(self, node: Node) -> bool:
        if self.tag not in ("", "*", node.tag):
            return False
        return all(_meets_condition(node, name, value) for name, value in self.conditions)


class _TreeBuilder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open_nodes = [self.root]
        # How many of each tag are open: an end that nothing began is known without looking through them.
        self._open_tags: Counter[str] = Counter()
        self._node_count = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._node_count += 1
        if self._node_count > _MAX_NODES:
            return
        if tag in _IMPLIED_END_TAGS:
            self._close_former(tag)
        node = Node(tag, {name: value or "" for name, value in attrs})
        self._open_nodes[-1].children.append(node)
        if tag not in _VOID and len(self._open_nodes) < _MAX_DEPTH:
            self._open_nodes.append(node)
            self._open_tags[tag] += 1

    def handle_endtag(self, tag: str) -> None:
        while self._open_tags[tag]:
            ended = self._open_nodes.pop()
            self._open_tags[ended.tag] -= 1
            if ended.tag == tag:
                return

    def handle_data(self, data: str) -> None:
        self._open_nodes[-1].children.append(data)

    def _close_former(self, tag: str) -> None:
        if not self._open_tags[tag]:
            return
        for node in reversed(self._open_nodes):
            if node.tag == tag:
                self.handle_endtag(tag)
                return
            if node.tag in _CONTAINER_TAGS:
                return


def parse_html(page: str) -> Node:
    """Return a page's root; what an element or a comment that never ends holds is left out."""
    builder = _TreeBuilder()
    try:
        builder.feed(page)
        if len(builder.rawdata) <= _MAX_REST_LENGTH:
            builder.close()
    except AssertionError:
        # Its way to say that it knows no such declaration: what stands before it was read.
        return builder.root
    return builder.root


def select_nodes(root: Node, selector: str) -> list[Node]:
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
    picked_by_id: dict[int, Node] = {}
    for part in selector.split(","):
        steps = _parse_selector(part)
        current = [root]
        for step in steps:
            current = _select_below(current, step)
        picked_by_id.update({id(node): node for node in current})
    return [node for node in root.walk() if id(node) in picked_by_id]


def _select_below(nodes: list[Node], step: _Step) -> list[Node]:
    selected: dict[int, Node] = {}
    walked: set[int] = set()
    for node in nodes:
        candidates = (
            (candidate for candidate in node.children if isinstance(candidate, Node))
            if step.is_child
            else node.walk(walked)
        )
        selected.update({id(candidate): candidate for candidate in candidates if step.matches(candidate)})
    return list(selected.values())


def _parse_selector(selector: str) -> list[_Step]:
    steps, is_child = [], False
    for word in selector.replace(">", " > ").split():
        if word == ">":
            is_child = True
            continue
        parsed = _STEP.fullmatch(word)
        if parsed is None:
            raise ConfigError(
                "selector_uses_tags",
                "a selector uses tags, .class, #id and [name=value], was {selector!r}",
                selector=selector,
            )
        steps.append(_Step((parsed["tag"] or "").lower(), _parse_conditions(parsed["rest"]), is_child))
        is_child = False
    if not steps or is_child:
        raise ConfigError(
            "selector_must_match_something",
            "a selector must match something, was {selector!r}",
            selector=selector,
        )
    return steps


def _parse_conditions(rest: str) -> tuple[tuple[str, str | None], ...]:
    conditions: list[tuple[str, str | None]] = []
    for sign, word, name, value in _CONDITION.findall(rest):
        if sign:
            conditions.append(("class" if sign == "." else "id", word))
        else:
            conditions.append((name.lower(), value if "=" in rest else None))
    return tuple(conditions)


def _meets_condition(node: Node, name: str, value: str | None) -> bool:
    actual = node.attributes.get(name)
    if actual is None:
        return False
    if name == "class":
        return value is None or value in actual.split()
    return value is None or actual == value
