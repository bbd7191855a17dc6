"""What a connector is said to do just after a start, before it was asked."""

from vigie.data.collection.connector import Connector, ConnectorMonitor

NOW = 1_700_000_000_000


def test_nobody_is_stale_for_the_time_when_nobody_collected():
    watch = ConnectorMonitor(Connector("coingecko/global", 60.0), ts_success=NOW - 3_600_000)
    assert watch.health(NOW).state == "waiting"
    watch.note_attempt(NOW)
    assert watch.health(NOW).state == "waiting"
    watch.note_success(NOW)
    assert watch.health(NOW + 3_600_000).state == "stale"
