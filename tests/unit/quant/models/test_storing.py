"""What was learned becomes a file and comes back to the bit; a file that is anything else is refused."""

from __future__ import annotations

import base64
import io
import warnings
import zipfile
from dataclasses import fields

import numpy as np
import pytest

from vigie.domain.errors import DataError, UsageError
from vigie.quant.models import registry
from vigie.quant.models.column_choice import ColumnSubsetModel
from vigie.quant.models.linear import LinearScorer, standard_of
from vigie.quant.models.model_kind import FitSample
from vigie.quant.models.storing import from_bytes, from_text, is_storable, to_bytes, to_text

LINEAR = LinearScorer(np.array([0.5, -1.25]), np.array([1.0, 1e-9]), 0.1)


def sample(columns=3):
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(600, columns))
    return FitSample(rows, (rows[:, 0] + rng.normal(size=600) > 0).astype(float), np.ones(600), 1)


@pytest.mark.parametrize("name", [name for name, kind in registry().items() if kind.target != "value"])
def test_every_kind_scores_to_the_bit_after_a_file(name):
    pytest.importorskip("sklearn")
    pytest.importorskip("lightgbm")
    kind, given = registry()[name], sample(2 if registry()[name].reads == "outcomes" else 3)
    model = kind.fit(given)
    assert is_storable(model)
    data = to_bytes(model)
    again = from_bytes(data, given.rows.shape[1])
    assert again.scores(given.rows).tobytes() == model.scores(given.rows).tobytes()
    assert to_bytes(again) == data
    if not kind.is_flat:
        with pytest.raises(UsageError, match="only its library can score this model, so it is no strategy"):
            to_text(model)
        with pytest.raises(UsageError, match="so it is no strategy"):
            from_text(base64.b85encode(data).decode(), 3)


def test_what_is_no_numbers_of_a_model_is_not_kept():
    with pytest.raises(UsageError, match="only its library can score this model: it is not kept"):
        to_bytes(ColumnSubsetModel(LINEAR, np.arange(2)))


def test_a_network_from_a_file_scores_as_the_library_that_fitted_it():
    network = pytest.importorskip("sklearn.neural_network")
    given = sample()
    model = registry()["network"].fit(given)
    fitted = network.MLPClassifier((16,), alpha=1e-2, max_iter=30, early_stopping=True, random_state=1)
    standard = standard_of(given.rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted.fit(standard(given.rows), given.target.astype(int), sample_weight=given.weights)
    said = fitted.predict_proba(standard(given.rows))[:, 1]
    again = from_bytes(to_bytes(model), 3)
    assert again.scores(given.rows).tobytes() == said.tobytes()
    assert np.isnan(again.scores(np.array([[np.nan, 0.0, 0.0]]))).all()
    wide = again.widened(np.array([0, 2, 3]), 5)
    rows = np.random.default_rng(1).normal(size=(600, 5))
    rows[:, [0, 2, 3]] = given.rows
    assert wide.scores(rows) == pytest.approx(said, rel=1e-12)


@pytest.mark.parametrize("part", ["sizes", "weights", "biases", "means", "scales"])
def test_weights_of_a_network_that_do_not_fit_together_are_refused(part):
    pytest.importorskip("sklearn")
    data = to_bytes(registry()["network"].fit(sample()))
    numbers = parts_of(data)[part]
    for wrong in (numbers[:-1], numbers[:0], numbers * -1 if part == "sizes" else numbers * np.nan):
        with pytest.raises(DataError, match="do not fit together"):
            from_bytes(packed(parts_of(data), **{part: wrong}), 3)


def test_the_text_of_a_strategy_is_read_once_and_refused_each_time():
    text = to_text(LINEAR)
    first = from_text(text, 2)
    assert from_text(text, 2) is first
    assert to_text(first) == text
    for _ in range(2):
        with pytest.raises(DataError, match="reads 2 columns, its card names 3"):
            from_text(text, 3)


def parts_of(data):
    with np.load(io.BytesIO(data)) as arrays:
        return dict(arrays)


def packed(parts, **changes):
    buffer = io.BytesIO()
    np.savez(buffer, **{**parts, **changes})
    return buffer.getvalue()


def test_a_file_that_is_cut_or_something_else_is_refused_with_a_cure():
    data = to_bytes(LINEAR)
    for wrong in (b"", b"PK", data[: len(data) // 2], b"<html>", np.array([1]).tobytes()):
        with pytest.raises(DataError, match="no file of a learned model"):
            from_bytes(wrong, 2)
    with pytest.raises(DataError, match="reads 2 columns, its card names 3"):
        from_bytes(data, 3)


def test_whatever_bit_is_wrong_it_is_refused_or_the_same_numbers():
    """Damage in what is packed, or in the marks of how it is packed, ended a training for good."""
    good = to_bytes(LinearScorer(np.arange(4) * 0.1, np.arange(4) * 0.3, 0.5))
    refused = 0
    for bit in range(len(good) * 8):
        wrong = bytearray(good)
        wrong[bit // 8] ^= 1 << bit % 8
        try:
            assert to_bytes(from_bytes(bytes(wrong), 4)) == good
        except DataError:
            refused += 1
    assert refused > len(good)


def test_every_part_must_be_the_numbers_that_are_due():
    parts = parts_of(to_bytes(LINEAR))
    for one in fields(LinearScorer):
        for wrong in (np.array(["x"]), np.array([[1.0]]), np.array([1, 2]), np.array(1j)):
            with pytest.raises(DataError, match="no file of a learned model"):
                from_bytes(packed(parts, **{one.name: wrong}), 2)
        rest = {name: part for name, part in parts.items() if name != one.name}
        with pytest.raises(DataError, match="no file of a learned model"):
            from_bytes(packed(rest), 2)
    for wrong in (np.nan, np.inf):
        with pytest.raises(DataError, match="do not fit together"):
            from_bytes(packed(parts, base=np.array(wrong)), 2)
    pickled = io.BytesIO()
    np.savez(pickled, **{**parts, "weights": np.array([{}, {}], dtype=object)}, allow_pickle=True)
    with pytest.raises(DataError, match="no file of a learned model"):
        from_bytes(pickled.getvalue(), 2)


@pytest.mark.parametrize("count", [10**15, 10**30])
def test_a_file_that_claims_more_numbers_than_memory_holds_is_refused(count):
    """A kept fold that says so ended its training each time it was taken up again."""
    parts, head, buffer = parts_of(to_bytes(LINEAR)), io.BytesIO(), io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (count,)}
    np.lib.format.write_array_header_1_0(head, shape)
    with zipfile.ZipFile(buffer, "w") as file:
        for name, array in parts.items():
            whole = io.BytesIO()
            np.save(whole, array)
            file.writestr(f"{name}.npy", head.getvalue() if name == "weights" else whole.getvalue())
    with pytest.raises(DataError, match="no file of a learned model"):
        from_bytes(buffer.getvalue(), 2)
