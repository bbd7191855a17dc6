"""What programs send and get keeps its fields, their types, limits and which of them are required."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from tests.api.schemas import _plain, kept, schemas


def test_no_operation_takes_or_gives_something_else_without_saying_so():
    now, then = schemas(), kept()
    changed = sorted(
        {name for name, digest in then.items() if now.get(name) != digest} | (now.keys() - then.keys())
    )
    assert not changed, "if that is meant: python -m tests.api.schemas"


def plain(model: type[BaseModel]) -> Any:
    shape = model.model_json_schema()
    return _plain(shape, shape.get("$defs", {}))


def test_a_name_a_type_and_a_limit_are_noticed_and_texts_and_classes_are_not():
    class Inner(BaseModel):
        title: str = Field(description="a text")

    class One(BaseModel):
        inner: Inner
        count: int = Field(1, le=5)

    class Other(BaseModel):
        """Said otherwise."""

        inner: Inner
        count: int = Field(1, le=5, description="how many")

    class Wider(BaseModel):
        inner: Inner
        count: int = Field(1, le=6)

    assert plain(One) == plain(Other)
    assert plain(One) != plain(Wider)
    assert "title" in plain(One)["properties"]["inner"]["properties"]
