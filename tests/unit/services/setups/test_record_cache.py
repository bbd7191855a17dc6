"""Kept records of setups: whose they are counts, and as of which change."""

from __future__ import annotations

from vigie.services.caches.setup_records import SetupRecord, SetupRecordCache

EMPTY = {"ended": (), "cells": (), "unsealed": 0, "late": 0, "formerly": 0, "timeless": 0}


def made(sealed: int):
    return lambda: SetupRecord(**EMPTY, sealed=sealed)


def test_who_takes_the_name_of_a_deleted_account_does_not_see_its_record():
    cache = SetupRecordCache()
    assert cache.get("ann", ["main"], (7, 0), made(1)).sealed == 1
    assert cache.get("eve", ["main"], (7, 0), made(2)).sealed == 2
    assert cache.get("ann", ["main"], (7, 0), made(3)).sealed == 1, "the same is kept"
    assert cache.get("ann", ["main"], (8, 0), made(4)).sealed == 4, "a further change makes it anew"
    assert cache.get("ann", ["main"], (8, 1), made(5)).sealed == 5, "so does a further candidate for an alert"
