"""The objects of a PDF and the file that holds them (ISO 32000-1, 7.3 and 7.5)."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from urllib.parse import quote, urlsplit

_ESCAPED = {"(": r"\(", ")": r"\)", "\\": r"\\"}


class Objects:
    """Numbered objects; a number can be kept free for what is known later."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def reserve(self) -> int:
        """Return a number whose object comes later."""
        self._bodies.append(b"null")
        return len(self._bodies)

    def put(self, number: int, entries: Mapping[str, str]) -> int:
        """Keep a dictionary under a number."""
        self._bodies[number - 1] = dictionary(entries).encode("latin-1")
        return number

    def add(self, entries: Mapping[str, str]) -> int:
        """Keep a dictionary and return its number."""
        return self.put(self.reserve(), entries)

    def stream(self, data: bytes, entries: Mapping[str, str] | None = None, *, is_packed: bool = True) -> int:
        """Keep bytes and return their number."""
        body = zlib.compress(data, 9) if is_packed else data
        packed = {"Filter": "/FlateDecode"} if is_packed else {}
        head = dictionary({**(entries or {}), **packed, "Length": str(len(body))}).encode("latin-1")
        number = self.reserve()
        self._bodies[number - 1] = head + b"\nstream\n" + body + b"\nendstream"
        return number

    def file(self, root: int, info: int) -> bytes:
        """Return the file; the same objects make the same bytes."""
        made, starts = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
        for number, body in enumerate(self._bodies, 1):
            starts.append(len(made))
            made += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        mark = hashlib.sha256(made).hexdigest()[:32]
        begins = len(made)
        made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(starts) + 1)
        made += b"".join(b"%010d 00000 n \n" % start for start in starts)
        last = {
            "Size": str(len(starts) + 1), "Root": ref(root), "Info": ref(info), "ID": f"[<{mark}> <{mark}>]",
        }  # fmt: skip
        made += b"trailer\n" + dictionary(last).encode("latin-1")
        return bytes(made + b"\nstartxref\n%d\n%%%%EOF\n" % begins)


def dictionary(entries: Mapping[str, str]) -> str:
    """Return a dictionary."""
    return "<< " + " ".join(f"/{name} {value}" for name, value in entries.items()) + " >>"


def array(values: Sequence[str]) -> str:
    """Return an array."""
    return f"[{' '.join(values)}]"


def ref(number: int) -> str:
    """Return what stands for an object elsewhere."""
    return f"{number} 0 R"


def text(said: str) -> str:
    """Return a text of any letters."""
    return f"<feff{said.encode('utf-16-be', 'replace').hex()}>"


def address(url: str) -> str:
    """Return an address as text of seven bits."""
    plain = quote(url, safe="%/:=&?~#+!$,;'@()*[]")
    return "(" + "".join(_ESCAPED.get(one, one) for one in plain) + ")"


def opened(url: str) -> str:
    """Return an address that a click may open, else nothing."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return ""
    return url if scheme in ("http", "https") and url.isprintable() else ""


def number(value: float) -> str:
    """Return a number as short as it may be."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
