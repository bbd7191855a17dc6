"""The benchmark of listing what is stored lists what it stored, and says whether its budget is met."""

import pytest
from benchmarks import data_status


def test_it_lists_what_it_stored_and_refuses_anything_else(tmp_path):
    data_status.filled(tmp_path, 3)
    assert data_status.listed(tmp_path, 3, is_deep=False) >= 0.0
    assert data_status.listed(tmp_path, 3, is_deep=True) >= 0.0
    with pytest.raises(SystemExit, match="not what was stored"):
        data_status.listed(tmp_path, 4, is_deep=False)


@pytest.mark.parametrize(("seconds", "said"), [(0.25, "0.5 s: met"), (0.75, "0.5 s: **missed**")])
def test_the_table_tells_the_budget(seconds, said):
    rows = data_status.table([("first", seconds), ("deep", 4 * seconds), ("whole", 2 * seconds)]).splitlines()
    assert said in rows[2]
    assert "| 4.0 |" in rows[3]
