"""A training takes two threads and so much memory, no more; where it asks for more it ends with a sentence."""

from __future__ import annotations

import resource

import numpy as np
import pytest

from tests import houses
from tests.houses import person
from tests.unit.services.learning_material import CHOSEN
from vigie.domain.errors import UsageError
from vigie.services.learning.training_limits import MOST_BYTES, THREADS, training_limits
from vigie.services.operation_calls import run_operation
from vigie.services.running.work import Report, kinds, train

pytest.importorskip("sklearn")
# What a process gave back just before may be taken again.
TOO_MUCH = MOST_BYTES * 11 // 10
threadpoolctl = pytest.importorskip("threadpoolctl")


def threads() -> set[int]:
    pools = {pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
    assert pools
    return pools


def memory() -> int:
    return resource.getrlimit(resource.RLIMIT_DATA)[0]


def test_libraries_are_held_to_two_threads_and_then_as_before():
    with threadpoolctl.threadpool_limits(THREADS + 2):
        with training_limits():
            assert max(threads()) == THREADS
        assert max(threads()) == THREADS + 2


def test_what_asks_for_more_memory_ends_with_a_sentence_and_the_process_is_as_before():
    before = memory()
    with training_limits():
        assert memory() > MOST_BYTES
        np.empty(MOST_BYTES // 10, np.uint8)
    said = r"1\.5 GB of memory and asked for more; name fewer columns"
    with pytest.raises(UsageError, match=said), training_limits():
        np.empty(TOO_MUCH, np.uint8)
    assert memory() == before


def test_the_job_is_held_so_and_leaves_nothing_where_it_asks_for_more(tmp_path, monkeypatch):
    house = houses.house(tmp_path)
    order = {"name": "btc_day", "instrument": "BTC", "columns": ",".join(CHOSEN)}
    job = run_operation(house, person("trader"), "models.train", order)

    def greedy(*given, **named):
        assert max(threads()) <= THREADS
        np.empty(TOO_MUCH, np.uint8)

    monkeypatch.setattr(train, "train_model", greedy)
    kind, stored = kinds()[job.kind], house.jobs.get(job.id)
    report = Report(stored.id, stored.owner, lambda share, now, lines: None)
    with pytest.raises(UsageError, match="name fewer columns"):
        kind.do(house, kind.input_type.model_validate(stored.ask), report)
    assert list(house.learned_models.models()) == []
