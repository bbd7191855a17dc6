"""What the parts of a tree load before they part: each copy of this process then shares it with the others."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from vigie.adapters.fork_server import ForkServer
    from vigie.services.running.job_process import StartJobProcess
    from vigie.services.running.process_tree import PartPopen, ProcessPart

# By part, in the order of their start: whoever comes later has what the earlier ones needed, too. The world comes
# before the library of tables: see `vigie_sandbox.world.forked_work`. Behind Vigie's own stand modules that its
# libraries load when they begin.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "sandbox": (
        "vigie.views.cli.sandbox", "vigie_sandbox.world.forked_work", "vigie_sandbox.world.history",
        "vigie_sandbox.world.home", "vigie_sandbox.world.run",
        "uvicorn.lifespan.on", "uvicorn.protocols.websockets.websockets_sansio_impl",
    ),
    "serve": (
        "vigie.views.cli.serve", "vigie.views.cli.part_runtime", "vigie.wiring.web", "vigie.config.loading",
        "vigie.adapters.logs", "vigie.adapters.world_mailbox", "vigie.adapters.stores.sql.readiness",
        "vigie.adapters.stores.sql.stores", "vigie.views.web.app", "vigie.views.web.server",
        "anyio._backends._asyncio", "brotli",
    ),
    "collect": ("vigie.views.cli.collect", "vigie.wiring.collector", "vigie.wiring.collector_lock"),
    "work": (
        "vigie.services.running.worker", "vigie.services.alerting.delivery_worker", "vigie.services.setups.following",
        "vigie.services.plans.following",
    ),
    "trade": (
        "vigie.views.cli.trade", "vigie.wiring.trader", "vigie.services.trading.account_plans.planning",
        "vigie.services.trading.process.trading",
    ),
}  # fmt: skip
# Threads that this library starts when it is loaded would keep the process from being copied, and what is multiplied
# in a part is small.
ALONE: Final = {"OPENBLAS_NUM_THREADS": "1"}


def start_part(part: ProcessPart, environ: Mapping[str, str], log: int) -> PartPopen:
    """Begin a part as a copy of this process; start it like any program where that cannot be."""
    from vigie.adapters.forks import fork, is_possible
    from vigie.services.running.process_tree import start_part_process

    # Asked twice: where it never can be, nothing is loaded in vain, and a library may have started a thread.
    if is_possible():
        preload_part(part.name)
        if "--work" in part.arguments:
            preload_part("work")
    if not is_possible():
        return start_part_process(part, environ, log)
    return fork(run_command, part.arguments, environ=environ, log=log, is_stdin_open=part.is_held)


def prepare_forking() -> None:
    """Be one that can be copied, as long as no other part of Vigie nor a library of it is loaded yet."""
    from vigie.adapters.memory_trim import apply_memory_environ
    from vigie.services.running.process_tree import MEMORY_ENVIRON

    apply_memory_environ({**MEMORY_ENVIRON, **ALONE})


def preload_part(part: str) -> None:
    """Load what a part needs and this process does not have yet."""
    from vigie.adapters.memory_trim import drop_library_pages
    from vigie.services.trading.account_plans.paper_requests import PREFIX

    # Looked for while it is loaded, garbage is not found but everything is written to.
    gc.disable()
    try:
        for module in NEEDS.get("trade" if part.startswith(PREFIX) else part, ()):
            import_module(module)
        if part == "serve":
            # Without what only compiling needs, 15 MB: processes that end compile, and any other that has to loads it.
            import_module("vigie.compiled").load_kept_code_alone()
            # Each copy reads of the compiler and of tables what it needs.
            drop_library_pages()
            import_module("vigie.views.web.page").pages()
            import_module("vigie.services.operation").operations()
            # Read from the types of all operations: who does that alone writes to 40 MB of what is shared.
            import_module("vigie.views.api.routes").operation_routes()
            # What reads settings and what asks the database, made once a process otherwise: 8 MB and a tenth of a
            # second each. No database is opened.
            import_module("vigie.config.loading").preload()
            import_module("vigie.adapters.stores.sql.tables").preload()
            # The texts of every language but English, and how each writes numbers: all parts speak to people, 12 MB.
            catalogue = import_module("vigie.catalogue")
            for language in catalogue.complete_languages():
                catalogue.translate("", language)
                _ = catalogue.locale_of(language).number_symbols
            # The names that news are searched for, 13 MB: pages call coins and entities by them, too.
            import_module("vigie.intelligence.news.gazetteer.lookup").packaged_gazetteer()
    finally:
        gc.enable()


@contextmanager
def forking(idle_s: float | None = None) -> Iterator[StartJobProcess | None]:
    """Let copies of this process be had for a worker's jobs, where that can be; called before anything runs here.

    Parameters
    ----------
    idle_s : float, optional
        After so long without a copy none can be had any more: jobs' processes are started then.
    """
    with fork_server(("work", "--hand"), ("work", "--stem"), idle_s) as server:
        yield None if server is None else server.start_child


@contextmanager
def fork_server(
    args: Sequence[str], server_args: Sequence[str], idle_s: float | None = None
) -> Iterator[ForkServer | None]:
    """Let copies of this process run commands, where that can be; called before anything runs here.

    Parameters
    ----------
    args : sequence of str
        The command of a copy that is told no other, without the program.
    server_args : sequence of str
        What the process that is copied is called.
    idle_s : float, optional
        It ends after so long without a copy.
    """
    from vigie.adapters.fork_server import is_possible, start_fork_server

    if not is_possible():
        yield None
        return
    with start_fork_server(run_command, args, server_args=server_args, idle_s=idle_s) as server:
        yield server


def run_command() -> None:
    """Run the command that a copy of this process was given."""
    from vigie.views.cli.main import run

    run()
