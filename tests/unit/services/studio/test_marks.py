"""Whose titles a board shows: each publisher once, beside others that allow the same."""

from __future__ import annotations

from types import SimpleNamespace

from vigie.services.studio.marks import publishers_told

NOTES = [
    SimpleNamespace(title=title, licence=licence)
    for title, licence in (("B", "Rights"), ("A", "Rights"), ("Office", "Public"), ("Blog: mine", "Rights"))
]


def test_publishers_that_allow_the_same_stand_together_and_who_is_not_listed_any_more_alone():
    house = SimpleNamespace(directory=SimpleNamespace(news=lambda: NOTES))
    told = publishers_told(house, {"A", "B", "Office", "Gone", "Blog: mine"})
    assert {(one.source, one.licence) for one in told} == {
        ("A, B", "Rights"), ("Office", "Public"), ("Gone", ""), ("Blog: mine", "Rights"),
    }  # fmt: skip
    assert publishers_told(house, ()) == []
