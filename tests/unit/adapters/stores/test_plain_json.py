"""JSON of databases is read as the standard library reads it, whatever is in it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.adapters.stores.plain_json import plain_json, read_json

# Characters that a database takes: no halves, no NUL.
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_written_is_read_back(value):
    text = plain_json(value)
    for form in (text, text.encode()):
        assert repr(read_json(form)) == repr(json.loads(text))


# Of earlier homes, or of hands: a half character, numbers no `plain_json` writes, a name twice, deep lists.
@pytest.mark.parametrize(
    "text",
    [r'"\ud83d"', "NaN", "-Infinity", "1e400", "-0.0", "1" * 60, '{"a":1,"a":2}', "[" * 300 + "]" * 300],
)
def test_what_only_others_write_is_read_alike(text):
    assert repr(read_json(text)) == repr(json.loads(text))


@pytest.mark.parametrize("text", ["", "[1,]", "{'a':1}", "nothing", '{"a":', "[" * 20])
def test_what_is_no_json_is_told_as_the_standard_library_tells_it(text):
    with pytest.raises(json.JSONDecodeError):
        read_json(text)
