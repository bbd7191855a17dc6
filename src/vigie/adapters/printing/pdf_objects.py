"""The objects of a PDF and the file that holds them (ISO 32000-1, 7.3 and 7.5)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

_ESCAPES = {"(": r"\(", ")": r"\)", "\\": r"\\"}


class PdfObjects:
    """Numbered objects; a number can be kept free for what is known later."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def reserve(self) -> int:
        """Return a number whose object comes later."""
        self._bodies.append(b"null")
        return len(self._bodies)

    def put(self, number: int, entries: Mapping[str, str]) -> int:
        """Keep a dictionary under a number."""
        self._bodies[number - 1] = pdf_dictionary(entries).encode("latin-1")
        return number

    def add(self, entries: Mapping[str, str]) -> int:
        """Keep a dictionary and return its number."""
        return self.put(self.reserve(), entries)

    def stream(self, data: bytes, entries: Mapping[str, str] | None = None, *, is_packed: bool = True) -> int:
        """Keep bytes and return their number."""
        body = zlib.compress(data, 9) if is_packed else data
        filters = {"Filter": "/FlateDecode"} if is_packed else {}
        header = pdf_dictionary({**(entries or {}), **filters, "Length": str(len(body))}).encode("latin-1")
        number = self.reserve()
        self._bodies[number - 1] = header + b"\nstream\n" + body + b"\nendstream"
        return number

    def build_file(self, root: int, info: int) -> bytes:
        """Return the file; the same objects make the same bytes."""
        content, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
        for number, body in enumerate(self._bodies, 1):
            offsets.append(len(content))
            content += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        file_id = hashlib.sha256(content).hexdigest()[:32]
        xref_offset = len(content)
        content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
        content += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        trailer = {
            "Size": str(len(offsets) + 1), "Root": pdf_ref(root), "Info": pdf_ref(info),
            "ID": f"[<{file_id}> <{file_id}>]",
        }  # fmt: skip
        content += b"trailer\n" + pdf_dictionary(trailer).encode("latin-1")
        return bytes(content + b"\nstartxref\n%d\n%%%%EOF\n" % xref_offset)


def pdf_dictionary(entries: Mapping[str, str]) -> str:
    """Return a dictionary."""
    return "<< " + " ".join(f"/{name} {value}" for name, value in entries.items()) + " >>"


def pdf_array(values: Sequence[str]) -> str:
    """Return an array."""
    return f"[{' '.join(values)}]"


def pdf_ref(number: int) -> str:
    """Return what stands for an object elsewhere."""
    return f"{number} 0 R"


def pdf_text(value: str) -> str:
    """Return a text of any letters."""
    return f"<feff{value.encode('utf-16-be', 'replace').hex()}>"


def pdf_address(url: str) -> str:
    """Return an address as text of seven bits."""
    quoted = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    return "(" + "".join(_ESCAPES.get(letter, letter) for letter in quoted) + ")"


def clickable_url(url: str) -> str:
    """Return an address that a click may open, else nothing."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return ""
    return url if scheme in ("http", "https") and url.isprintable() else ""


def pdf_number(value: float) -> str:
    """Return a number as short as it may be."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
