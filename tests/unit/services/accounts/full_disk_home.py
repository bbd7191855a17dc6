"""A process whose home is opened again on a disk that filled up meanwhile; what happened is printed as JSON.

    python -m tests.unit.services.accounts.full_disk_home FOLDER

FOLDER must be a small file system.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.houses import KEY, Browser
from tests.unit.services.trading.full_disk import filled
from vigie.adapters.stores.disk_space import opening_file
from vigie.domain.person import OWNER
from vigie.services.needs import bound
from vigie.services.people.accounts.signing_in import SignedIn, sign_in
from vigie.services.people.accounts.users import add_user
from vigie.views.web.identity import Authenticator
from vigie.wiring.app_context import open_app_context

GOOD = "quiet harbour lamp"


def main(folder: Path) -> dict[str, object]:
    """Open a home twice on the full disk: without the room kept for that, and with it."""
    home = folder / "home"
    made = open_app_context(home)
    bound(made, add_user)(OWNER, "Ann", GOOD)
    made.accounts.database.close()  # type: ignore[attr-defined]  # the store in the database has one
    beside = sorted(path.name for path in home.glob("vigie.sqlite*"))
    spare, hidden = opening_file(home / "vigie.sqlite"), folder / "hidden"
    spare.rename(hidden)
    filled(folder)
    without = open_app_context(home).accounts.by_name("ann") is not None
    hidden.rename(spare)
    house = open_app_context(home)
    filled(folder)
    got = bound(house, sign_in)("ann", GOOD)
    assert isinstance(got, SignedIn)
    browser = Browser(house, is_owner=False)
    browser.cookies.set(Authenticator(house, KEY).cookie, got.secret)
    read = [browser.get(path).status_code for path in ("/", "/markets", "/account", "/admin", "/health")]
    return {"beside": beside, "without": without, "read": read, "is_kept": spare.exists()}


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
