"""A glance says of items what their whole revisions say, and finds the same ones."""

from __future__ import annotations

import pytest

from tests.contracts.test_items import NOW, items, read, said, shown  # noqa: F401  the fixture is theirs
from vigie.domain.item import ItemFinding
from vigie.ports.item_queries import ItemQuery

STEPS = ("story", "duplicate")


def finding(step: str, **body: object) -> tuple[ItemFinding, str, int]:
    return ItemFinding(step, 1, body, "why"), "", 1


@pytest.fixture
def filled(items):  # noqa: F811
    """Items with and without findings: one revised, one withdrawn, one known to be irrelevant, one stated to a day."""
    others = (
        said("b", ts_published=NOW - 5, precision="day"), said("c", ts_published=NOW - 9, precision="minute"),
        said("d"),
    )  # fmt: skip
    made = items.take(shown(said("a"), *others, said("e")))
    other = said("a", title="Other")
    revised = items.take(shown(other, at=NOW + 3))
    items.take(shown(other, *others, is_whole=True, at=NOW + 4))
    for at, known in enumerate((*made[:4], *revised)):
        failed = (ItemFinding("duplicate", 1), "ValueError()", 1)
        found = [finding("story", story=f"s{at % 2}"), finding("language", language="en")]
        found.append(failed if at == 1 else finding("duplicate", of=""))
        tags = {"story": [f"s{at % 2}"], "asset": ["bitcoin"]}
        items.put_readings([read(known, findings=found, tags=tags, is_relevant=at != 3)])
    return items


def of_revisions(revisions):
    return [
        (
            one.item.id, one.item.content.source, one.item.revision, one.item.ts, one.item.ts_first_seen,
            one.item.ts_seen, one.item.content.precision, one.item.is_withdrawn,
            {step: dict(one.findings[step].body) for step in one.findings},
        )
        for one in revisions
    ]  # fmt: skip


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"is_relevant": True},
        {"tags": {"asset": "bitcoin"}, "limit": 2},
        {"tags": {"asset": "bitcoin", "story": "s0"}},
        {"after_ms": NOW - 6, "before_ms": NOW},
        {"sources": ("nobody",)},
    ],
)
def test_a_glance_at_a_list_says_what_its_revisions_say(filled, asked):
    query = ItemQuery(steps=STEPS, **asked)
    assert [tuple(one) for one in filled.glance(query)] == of_revisions(filled.query(query))
    whole = filled.query(ItemQuery(**asked))
    assert [one.item for one in filled.glance(ItemQuery(**asked))] == [known.item.id for known in whole]
    assert not any(one.bodies for one in filled.glance(ItemQuery(**asked)))


@pytest.mark.parametrize("more", [{}, {"limit": 1}, {"least": 2}, {"least": 3}])
def test_a_glance_at_tags_says_what_their_revisions_say(filled, more):
    values = ["s1", "s0", "none"]
    found = filled.glance_tagged("story", values, steps=STEPS, **more)
    whole = filled.list_tagged("story", values, steps=STEPS, **more)
    assert {value: [tuple(one) for one in known] for value, known in found.items()} == {
        value: of_revisions(known) for value, known in whole.items()
    }
    assert list(found) == list(whole)
    assert filled.glance_tagged("story", []) == {}


def test_a_glance_knows_a_withdrawn_item_and_when_each_was_out(filled):
    by_key = {one.item: one for one in filled.glance(ItemQuery(steps=STEPS))}
    assert [one.is_withdrawn for one in by_key.values()].count(True) == 1
    outs = {known.item.content.key: by_key[known.item.id].ts_out for known in filled.query(ItemQuery())}
    assert (outs["a"], outs["b"], outs["c"]) == (NOW, NOW, NOW - 9)
