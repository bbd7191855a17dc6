"""The house style: colours that cannot be read are refused in words, nothing but colours and a small PNG gets in."""

from __future__ import annotations

import base64
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.houses import house, person
from vigie.domain.errors import Conflict, UsageError
from vigie.services.operation_calls import run_operation
from vigie.services.studio.colours import LEAST_CONTRAST, LEAST_DISTANCE, contrast, distance, linear
from vigie.services.studio.logo import MOST_HEIGHT, MOST_WIDTH, logo_of
from vigie.services.studio.readability import check_colours, colour_of, derived_colours, line_colours
from vigie.services.studio.style import GROUND, INK, PLAIN, SERIES


def piece(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width=4, height=2, colour=6, pixels=None, more=(), interlaced=0, end=b""):
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    data = (b"\0" + b"\x7f" * width * samples) * height if pixels is None else pixels
    head = piece(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + b"".join(more)
        + piece(b"IDAT", zlib.compress(data))
        + piece(b"IEND", b"")
        + end
    )


def of_pieces(colour, *pieces, depth=8):
    """Return a PNG of 4 x 2 pixels, each the first colour, with these pieces in this order."""
    head = piece(b"IHDR", struct.pack(">IIBBBBB", 4, 2, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(pieces) + piece(b"IEND", b"")


def sent(content):
    return base64.b64encode(content).decode()


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return house(tmp_path_factory.mktemp("home"))


@pytest.mark.parametrize(
    "text",
    ["red", "#fff", "#12345g", "url(x)", "#112233;}*{}", '#112233"/><script>', "", "#11223344", "#112233\n#"],
)
def test_what_is_no_colour_is_refused(text):
    with pytest.raises(UsageError, match="a colour must look like #1155cc"):
        colour_of(text)


def test_a_colour_that_cannot_be_read_is_refused_with_its_contrast():
    with pytest.raises(UsageError, match="#ffee00 on #ffffff is hard to read: its contrast is 1\\.2, at"):
        check_colours(["#1155cc", "#ffee00"], GROUND, INK)
    with pytest.raises(UsageError, match="#777777 on #888888 is hard to read"):
        check_colours([], "#888888", "#777777")


def test_lines_that_look_alike_are_refused():
    with pytest.raises(UsageError, match="the lines #1155cc and #1256cd look alike; choose more"):
        check_colours(["#1155cc", "#1256cd"], GROUND, INK)


def test_the_shipped_colours_pass_their_own_check():
    check_colours(SERIES, GROUND, INK)
    assert line_colours([], GROUND, INK) == SERIES
    assert derived_colours(GROUND, INK) == (PLAIN.muted, PLAIN.rule, PLAIN.axis)


@pytest.mark.parametrize(
    ("ground", "ink"), [("#10151c", "#f2f4f7"), ("#fff1e5", "#33302e"), ("#ffffff", "#000000")]
)
def test_colours_that_follow_can_be_read_and_told_apart(ground, ink):
    colours = line_colours(["#8a3b00"] if ground == "#ffffff" else [], ground, ink)
    assert len(colours) == 8
    assert min(contrast(one, ground) for one in colours) >= LEAST_CONTRAST
    apart = [one for one in dict.fromkeys(colours) if one != ink]
    assert all(
        distance(linear(one), linear(other)) >= LEAST_DISTANCE
        for at, one in enumerate(apart)
        for other in apart[:at]
    )
    assert contrast(derived_colours(ground, ink)[0], ground) >= LEAST_CONTRAST


@pytest.mark.parametrize("colour", [0, 2, 4, 6])
def test_a_png_is_taken_with_its_size(colour):
    logo = logo_of(sent(png(colour=colour)))
    assert (logo.width, logo.height) == (4, 2)
    assert logo.data == sent(png(colour=colour))


def test_nothing_but_what_draws_it_is_kept_of_a_png():
    notes = (piece(b"tEXt", b"Comment\0<script>"), piece(b"eXIf", b"where it was taken"))
    logo = logo_of(sent(png(more=notes, end=b"PK\x03\x04 another file")))
    assert logo.data == sent(png())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"GIF89a" + b"\0" * 40,
        b"\xff\xd8\xff\xe0" + b"\0" * 40,
        png()[:-8],
        png()[:30] + b"\0" + png()[31:],
        png(pixels=b"\0" * 10),
        png(pixels=b"\0" * 5_000_000),
        png(pixels=(b"\x09" + b"\0" * 16) * 2),
        png(interlaced=1),
        png(colour=3),
        png(more=(piece(b"ABCD", b""),)),
    ],
    ids=[
        "empty",
        "svg",
        "gif",
        "jpeg",
        "cut",
        "changed",
        "short",
        "bomb",
        "filter",
        "interlaced",
        "palette",
        "unknown",
    ],
)
def test_what_is_no_whole_png_is_refused(content):
    with pytest.raises(UsageError, match="a logo must be a valid PNG file; SVG and other"):
        logo_of(sent(content))


PIXELS = zlib.compress((b"\0" + b"\0" * 4) * 2)
DATA = piece(b"IDAT", PIXELS)
HALVES = (piece(b"IDAT", PIXELS[:5]), piece(b"IDAT", PIXELS[5:]))
RED = piece(b"PLTE", b"\xff\0\0")
CLEAR = piece(b"tRNS", b"\0")


@pytest.mark.parametrize(
    ("colour", "pieces"),
    [
        (3, (RED, DATA)),
        (3, (piece(b"PLTE", b"\x7f" * 768), piece(b"tRNS", b"\xff" * 256), *HALVES)),
        (0, (piece(b"tRNS", b"\0\1"), DATA)),
    ],
)
def test_a_png_with_a_palette_is_taken(colour, pieces):
    assert logo_of(sent(of_pieces(colour, *pieces))).width == 4


@pytest.mark.parametrize(
    ("colour", "pieces"),
    [
        (3, (piece(b"PLTE", b"\0" * 4), DATA)),
        (3, (piece(b"PLTE", b""), DATA)),
        (3, (DATA, RED)),
        (3, (RED, RED, DATA)),
        (3, (piece(b"PLTE", b"\0" * 771), DATA)),
        (3, (RED, CLEAR, CLEAR, DATA)),
        (3, (CLEAR, RED, DATA)),
        (3, (RED, piece(b"tRNS", b"\0\0"), DATA)),
        (3, (RED, HALVES[0], CLEAR, HALVES[1])),
        (3, (RED, HALVES[0], piece(b"tEXt", b"a\0b"), HALVES[1])),
        (3, (RED, DATA, CLEAR)),
        (3, (RED,)),
        (0, (RED, DATA)),
        (0, (piece(b"tRNS", b"\0"), DATA)),
        (3, (RED, piece(b"IDAT", PIXELS + b"another file"))),
        (3, (RED, piece(b"IDAT", PIXELS[:-4]))),
    ],
    ids=[
        "four bytes",
        "empty",
        "late",
        "two",
        "long",
        "two clear",
        "clear first",
        "clear long",
        "clear between",
        "text between",
        "clear late",
        "no pixels",
        "grey",
        "clear grey",
        "hidden",
        "cut",
    ],
)
def test_a_png_that_is_put_together_wrongly_is_refused(colour, pieces):
    with pytest.raises(UsageError, match="a logo must be a valid PNG file; SVG and other"):
        logo_of(sent(of_pieces(colour, *pieces)))


def test_a_palette_of_a_shallow_picture_has_no_more_entries_than_its_pixels_can_name():
    data = piece(b"IDAT", zlib.compress(b"\0\0" * 2))
    assert logo_of(sent(of_pieces(3, piece(b"PLTE", b"\0" * 6), data, depth=1))).height == 2
    with pytest.raises(UsageError, match="a logo must be a valid PNG file; SVG and other"):
        logo_of(sent(of_pieces(3, piece(b"PLTE", b"\0" * 9), data, depth=1)))


def test_a_logo_of_which_nothing_is_drawn_is_refused(monkeypatch):
    with pytest.raises(UsageError, match="the logo is invisible when drawn; choose another"):
        logo_of(sent(of_pieces(3, RED, CLEAR, DATA)))
    # Whatever the checks let through: what draws nothing, and what ends the rasteriser.
    monkeypatch.setattr("vigie.services.studio.logo._has_colours", lambda *_: True)
    with pytest.raises(UsageError, match="the logo is invisible when drawn; choose another"):
        logo_of(sent(of_pieces(3, piece(b"PLTE", b""), DATA)))
    with pytest.raises(UsageError, match="a logo must be a valid PNG file; SVG and other"):
        logo_of(sent(of_pieces(3, piece(b"PLTE", b"\0" * 4), DATA)))


def test_a_logo_that_is_too_large_is_refused():
    for size in ((MOST_WIDTH + 1, 2), (2, MOST_HEIGHT + 1), (2**31, 2**31), (0, 2)):
        with pytest.raises(UsageError, match="a logo must be at most 1200 x 400 pixels"):
            logo_of(sent(png(*size, pixels=b"")))
    with pytest.raises(UsageError, match="a logo may hold at most 60000 bytes"):
        logo_of(sent(b"\x89PNG\r\n\x1a\n" + b"\0" * 90_000))


@settings(max_examples=200)
@given(st.binary(max_size=300), st.integers(0, 80))
def test_no_bytes_end_otherwise_than_in_a_logo_or_a_refusal(noise, at):
    for content in (noise, b"\x89PNG\r\n\x1a\n" + noise, png()[:at] + noise + png()[at + len(noise) :]):
        try:
            logo_of(sent(content))
        except UsageError:
            continue


def test_a_house_style_is_kept_for_each_person_and_goes_with_their_export(built):
    first, other = person("first"), person("other")
    given = {
        "colours": ["#0B4A94", "#8a3b00"],
        "name": " The Newsroom ",
        "numbers": "fr",
        "logo": sent(png()),
    }
    kept = run_operation(built, first, "studio.save_style", given)
    assert kept.style.colours[:2] == ("#0b4a94", "#8a3b00")
    assert kept.style.name == "The Newsroom"
    assert (kept.style.logo_width, kept.style.logo_height) == (4, 2)
    assert run_operation(built, first, "studio.style", {}) == kept
    assert run_operation(built, other, "studio.style", {}).style == PLAIN
    assert built.accounts.extra_settings("first")["house_style"]["name"] == "The Newsroom"
    # A logo that is not sent again stays; an empty one goes.
    assert run_operation(built, first, "studio.save_style", {"name": "N"}).style.logo == kept.style.logo
    assert run_operation(built, first, "studio.save_style", {"logo": ""}).style == PLAIN


def test_a_stale_house_style_is_refused(built):
    someone = person("someone")
    before = run_operation(built, someone, "studio.style", {}).revision
    run_operation(built, someone, "studio.save_style", {"name": "One", "revision": before})
    with pytest.raises(Conflict):
        run_operation(built, someone, "studio.save_style", {"name": "Two", "revision": before})
