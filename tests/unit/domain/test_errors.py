"""The tree of errors: one root, and what the command line does with each."""

from __future__ import annotations

import inspect

from vigie.domain import errors


def test_every_error_has_the_one_root_and_is_drawn_in_the_tree():
    tree = inspect.getdoc(errors)
    found = [
        one for _, one in inspect.getmembers(errors, inspect.isclass) if one.__module__ == errors.__name__
    ]
    assert all(issubclass(one, errors.VigieError) for one in found)
    assert [one.__name__ for one in found if one.__name__ not in tree] == []


def test_refused_credentials_stop_the_connector():
    assert issubclass(errors.AuthError, errors.ConnectorError)
