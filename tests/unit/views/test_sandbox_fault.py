"""`vigie sandbox fault exchange`: a running exchange goes wrong, or something happens to its account."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from typer.testing import CliRunner

from tests.unit.sandbox.exchange.stalls import open_stall
from vigie.domain.errors import UsageError
from vigie.views.cli.main import app


@pytest.fixture
def stall():
    return open_stall()


@pytest.fixture
def url(stall):
    """Serve the control of an exchange in the test's own process."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self):
            body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
            try:
                status, told = 200, stall.opened.control.answer(self.command, self.path, body)
            except UsageError as wrong:
                status, told = 400, {"error": str(wrong)}
            written = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(written)))
            self.end_headers()
            self.wfile.write(written)

        do_POST = do_DELETE = answer

        def log_message(self, *args):
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def run(url, *words):
    return CliRunner().invoke(app, ["sandbox", "fault", "exchange", *words, "--url", url])


def test_a_fault_is_put_on_with_its_particulars_and_taken_away(stall, url):
    told = run(url, "system-error", "--times", "2", "--with", "code=40725", "--with", "seconds=3")
    assert told.exit_code == 0, told.output
    assert "2 time(s)" in told.output
    (on,) = stall.opened.venue.context.faults.all()
    assert (on.kind, on.times, on.code, on.seconds) == ("system-error", 2, "40725", 3)
    assert run(url, "clear").exit_code == 0
    assert stall.opened.venue.context.faults.all() == []


def test_a_position_is_liquidated_from_the_command_line(stall, url):
    stall.post("account/set-margin-mode", marginMode="isolated")
    stall.place()
    told = run(url, "liquidate", "--with", "symbol=BTCUSDT")
    assert told.exit_code == 0, told.output
    assert '"cause": "liquidation"' in told.output
    assert stall.get("position/all-position") == []


def test_what_is_neither_fault_nor_deed_is_refused_with_what_there_is(url):
    told = run(url, "storm")
    assert told.exit_code != 0
    assert "what must be one of" in str(told.exception or told.output)
