"""Which file an account is traded from, and whether it may be changed here: only paper and demo, only in the home."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.domain.errors import Forbidden, NotFound, UsageError, VigieError
from vigie.domain.order import TradeRun
from vigie.domain.refusal import Refusal
from vigie.ports.home import ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.account_plans import paper_requests
from vigie.services.trading.account_plans.account_plan import folder_of

_SOURCE: Final = "source.json"


@dataclass(frozen=True, slots=True)
class AccountFile:
    """The run file of an account, as far as it is known.

    Attributes
    ----------
    path : Path or None
        None where nobody noted it: a run of an earlier version.
    run : TradeRun or None
        The account's present run; None for one that was prepared and never traded.
    is_in_home : bool
        Whether it lies in the home folder.
    shared_with : str
        Another account that is traded from the same file; empty where there is none.
    """

    account: str
    owner: str
    path: Path | None
    run: TradeRun | None
    is_in_home: bool
    shared_with: str = ""

    @property
    def refusal(self) -> VigieError | None:
        """Why it may not be changed here; None where it may."""
        if self.run is not None and self.run.mode == "live":
            return Forbidden(
                "run_file_of_live_account",
                "account {account} trades real money: its run file is changed by hand only, with a new paper period",
                account=self.account,
            )
        if self.run is not None and self.run.is_replayed:
            return UsageError(
                "run_file_while_replayed",
                "the past of account {account} is being replayed; change it once it trades",
                account=self.account,
            )
        if self.path is None:
            return UsageError(
                "run_file_not_known",
                "it is not known from which file account {account} is traded; start it again once: vigie trade run "
                "CONFIG --account {account}",
                account=self.account,
            )
        if not self.is_in_home:
            return UsageError(
                "run_file_not_in_home",
                "account {account} is traded from {path}, which is not in the home folder; change the file there, and "
                "start over with --new-run",
                account=self.account,
                path=self.path,
            )
        if self.shared_with:
            return UsageError(
                "run_file_shared",
                "account {other} is traded from the same file {path}; give each account a file of its own",
                other=self.shared_with,
                path=self.path,
            )
        return None

    def editable_path(self) -> Path:
        """Return the path of a file that may be changed here.

        Raises
        ------
        UsageError, Forbidden
            Where it may not, with the reason.
        """
        if (refusal := self.refusal) is not None:
            raise refusal
        assert self.path is not None
        return self.path


def note_source(results: ResultsHome, run: str, path: Path) -> None:
    """Note from which file a run is traded, for those who show or change it."""
    if source_of(results, run) != path:
        results.write(folder_of(results, run), {_SOURCE: json.dumps({"path": str(path)}).encode()})


def source_of(results: ResultsHome, run: str) -> Path | None:
    """Return from which file a run is traded; None where nobody noted it, or the note cannot be read."""
    try:
        noted = json.loads((folder_of(results, run) / _SOURCE).read_bytes())
        return Path(noted["path"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_account_file(
    home: Path, results: ResultsHome, trades: TradeBook, owner: str, account: str
) -> AccountFile:
    """Return the run file of an owner's account, also of one that was prepared and never traded.

    Raises
    ------
    NotFound
        If they have no such account; whose it is else is not told.
    """
    run = trades.run(account)
    prepared = paper_requests.folder_of(home, owner) / f"{account}.toml"
    has_prepared = "/" not in account and prepared.is_file()
    if (run is not None and run.owner != owner) or (run is None and not has_prepared):
        raise NotFound("no_trading_account", "there is no trading account {account!r}", account=account)
    path = None if run is None else source_of(results, run.id)
    if has_prepared and (path is None or not path.is_file()):
        path = prepared
    shared = "" if path is None else _shared_with(results, trades.accounts(), (account, owner), path)
    return AccountFile(account, owner, path, run, path is not None and is_in_home(home, path), shared)


def is_in_home(home: Path, path: Path) -> bool:
    """Tell whether a file really lies in the home folder, links followed."""
    return path.resolve().is_relative_to(home.resolve())


def _shared_with(results: ResultsHome, runs: Iterable[TradeRun], of: tuple[str, str], path: Path) -> str:
    (account, owner), target = of, path.resolve()
    for run in runs:
        source = None if run.account == account else source_of(results, run.id)
        if source is not None and source.resolve() == target:
            return run.account if run.owner == owner else Refusal("of_somebody_else", "of another user")
    return ""
