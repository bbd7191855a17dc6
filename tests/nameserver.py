"""A DNS server on loopback that holds TXT records, and a resolver's port of it."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

# In place of records: the server fails, or says nothing.
BROKEN: Final = "servfail"
SILENT: Final = "silent"
Zone = Mapping[str, "Sequence[str] | str"]


@contextmanager
def nameserver(zone: Zone) -> Iterator[str]:
    """Serve a zone, ``name: [texts]``, and give ``127.0.0.1:port``."""

    class Answering(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            asked, socket = self.request
            answer = _answer(dns.message.from_wire(asked), zone)
            if answer is not None:
                socket.sendto(answer.to_wire(), self.client_address)

    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _answer(query: dns.message.Message, zone: Zone) -> dns.message.Message | None:
    (question,) = query.question
    name = question.name.to_text(omit_final_dot=True)
    held = zone.get(name, ())
    if held == SILENT:
        return None
    answer = dns.message.make_response(query)
    answer.flags |= dns.flags.RA
    if held == BROKEN:
        answer.set_rcode(dns.rcode.SERVFAIL)
    elif name not in zone:
        answer.set_rcode(dns.rcode.NXDOMAIN)
    elif held and question.rdtype == dns.rdatatype.TXT:
        answer.answer.append(dns.rrset.from_rdata(question.name, 60, *map(_record, held)))
    return answer


def _record(text: str) -> dns.rdata.Rdata:
    raw = text.encode()
    strings = [raw[at : at + 255] for at in range(0, len(raw), 255)]
    return TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)
