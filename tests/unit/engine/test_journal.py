"""The log of decisions and its hash."""

from __future__ import annotations

import hashlib
import struct

import numpy as np
import pytest

from vigie.domain.state import LOG_COLUMNS
from vigie.engine.journal import decision_hash, write


def test_a_row_is_written_with_its_limit_and_value():
    log, values = np.zeros((4, LOG_COLUMNS), np.int64), np.zeros((4, 2))
    assert write(log, values, 2, 1, 2, -1, 4, 5, 6, 7, 0.5, 0.25) == 3
    assert log[2].tolist() == [1, 2, -1, 4, 5, 6, 7]
    assert values[2].tolist() == [0.5, 0.25]
    assert not log[[0, 1, 3]].any()


def test_the_hash_is_sha_256_of_little_endian_rows():
    rows = [(1_700_000_000_000, 0, -1, 7, 99, 101, 20), (2, 3, 4, 5, 6, 7, 40)]
    expected = hashlib.sha256(b"".join(struct.pack("<7q", *row) for row in rows)).hexdigest()
    assert decision_hash(np.array(rows, np.int64)) == expected
    assert decision_hash(np.array(rows, ">i8")) == expected
    assert decision_hash(np.array(rows, np.int64).T.copy().T) == expected
    assert decision_hash(np.empty((0, 7), np.int64)) == hashlib.sha256().hexdigest()


def test_a_log_of_another_shape_is_no_log():
    with pytest.raises(ValueError, match=r"log must have 7 columns, had shape \(2, 6\)"):
        decision_hash(np.zeros((2, 6), np.int64))
