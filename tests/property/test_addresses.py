"""Whatever the bytes: a text leads back to them, a mistyped one leads nowhere, and points obey the laws of a group."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.intelligence.addresses.address_codecs import (
    decode_base58check,
    decode_segwit,
    encode_base58check,
    encode_segwit,
)
from vigie.intelligence.addresses.public_curve import (
    ORDER,
    add_points,
    multiply_base,
    read_point,
    write_point,
)

LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
factors = st.integers(1, ORDER - 1)


@given(st.binary(min_size=1, max_size=82))
def test_base58check_leads_back(content):
    assert decode_base58check(encode_base58check(content)) == content


@given(
    st.integers(0, 16), st.binary(min_size=20, max_size=20) | st.binary(min_size=32, max_size=32), st.data()
)
def test_segwit_leads_back_and_one_wrong_letter_leads_nowhere(version, program, data):
    text = encode_segwit("bc", version, program)
    assert decode_segwit("bc", text) == (version, program)
    place = data.draw(st.integers(3, len(text) - 1))
    letter = data.draw(st.sampled_from([letter for letter in LETTERS if letter != text[place]]))
    # Version 0 and the others differ in their checksum: the letter of the version changes both.
    assert decode_segwit("bc", text[:place] + letter + text[place + 1 :]) is None


@settings(max_examples=15, deadline=None)
@given(factors, factors)
def test_points_add_as_their_factors_do(first, second):
    total = add_points(multiply_base(first), multiply_base(second))
    assert total == multiply_base((first + second) % ORDER)
    if total is not None:
        assert read_point(write_point(total)) == total
    assert add_points(multiply_base(first), multiply_base(ORDER - first)) is None
