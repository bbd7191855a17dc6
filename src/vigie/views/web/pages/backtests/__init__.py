"""Backtests on pages: ordering, the list, one result, two compared, the map of a sweep."""
