"""The process that a strategy is judged in: what its file reads is not what it is asked."""

from __future__ import annotations

import pickle
import subprocess
import sys

QUESTION = "what it is asked"
CHILD = """
import os, pickle, sys
from vigie.engine.strategy_process import StrategyProcessServer
server = StrategyProcessServer()
print(repr(os.read(0, 16)))
print(pickle.load(server._input))
"""


def test_a_file_that_reads_standard_input_finds_nothing_and_takes_no_question_away():
    answer = subprocess.run(
        [sys.executable, "-c", CHILD],
        input=pickle.dumps(QUESTION),
        capture_output=True,
        check=True,
        timeout=60,
    )
    # What it prints goes to the log, not to who asks.
    assert answer.stdout == b""
    assert answer.stderr.decode().splitlines()[-2:] == ["b''", QUESTION]
