"""The process that computes for a worker: jobs in as lines of JSON, reports out as lines of JSON.

A job that eats all memory, or a fault in a compiled function, ends this process and not the worker. When the worker
is gone its pipe closes and this process ends at once, in the middle of whatever it does: nobody else may still be
writing when the job is taken up again.
"""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Protocol

from pydantic import ValidationError

from vigie.domain.errors import DatabaseUnavailable, TransientError, VigieError
from vigie.domain.refusal import Refusal, to_stored
from vigie.ports.clock import Clock
from vigie.services.app_context import AppContext
from vigie.services.operation_calls import describe_validation_error
from vigie.services.running.compiling import compile_turn
from vigie.services.running.process_tree import PARENT
from vigie.services.running.work import Report, kind_of_work, say_compiling

# As `vigie work --hand`: the same installation, a process of its own.
COMMAND: Final = (sys.executable, "-m", "vigie", "work", "--hand")
# Reports closer together than this are left out: nobody sees more.
EVERY_MS: Final = 100
# The system takes this process before those that answer people.
FIRST_TO_GO: Final = "500"
NICE: Final = 5
END_S: Final = 5.0
# Jobs that run strategies: the first of a kind after an installation compiles what these read.
_COMPILING: Final = ("backtest", "sweep", "quick")
# What a job may leave behind; a fresh one that is ready for work holds about 110 MB.
LARGE: Final = 90 * 1024 * 1024

Message = Mapping[str, Any]


class JobPopen(Protocol):
    """The computing process, as `subprocess.Popen` has it."""

    pid: int
    stdin: IO[str] | None
    stdout: IO[str] | None

    def poll(self) -> int | None:
        """Return the code it ended with, None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""

    def kill(self) -> None:
        """End it at once."""


# Begins the computing process with these variables; None where it has to be started like any program.
StartJobProcess = Callable[[Mapping[str, str]], JobPopen | None]


def start_process(command: Sequence[str], environ: Mapping[str, str]) -> JobPopen:
    """Begin the computing process as any program's."""
    return subprocess.Popen(
        list(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(environ),
        text=True,
        encoding="utf-8",
        # Ctrl-C is for the worker, which puts its job back first.
        start_new_session=os.name == "posix",
    )


class JobProcess:
    """The worker's end of the pipe.

    Parameters
    ----------
    command : sequence of str
        What is started.
    home : str
        The home folder it works in.
    begin : callable, optional
        Begins it otherwise, where that can be.
    """

    def __init__(self, command: Sequence[str], home: str, begin: StartJobProcess | None = None) -> None:
        self._messages: queue.Queue[Message] = queue.Queue()
        # Until it is it may be compiling what every job needs.
        self.is_ready = False
        environ = {**os.environ, "VIGIE_HOME": home}
        custom_process = None if begin is None else begin(environ)
        self.process = start_process(command, environ) if custom_process is None else custom_process
        threading.Thread(target=self._listen, name="vigie-hand", daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with suppress(ValueError):  # closed while it is read
            for line in self.process.stdout:
                with suppress(json.JSONDecodeError):
                    message = json.loads(line)
                    self.is_ready = self.is_ready or bool(message.get("ready"))
                    self._messages.put(message)
        self._messages.put({"gone": self.process.wait()})

    def send_job(self, job: str, owner: str, kind: str, job_input: Mapping[str, Any]) -> None:
        """Give it a job; one that is gone says so instead of reporting."""
        line = json.dumps({"job": job, "owner": owner, "kind": kind, "ask": job_input})
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()

    def receive(self, seconds: float) -> Message | None:
        """Return what it says next, None where it says nothing in that time."""
        with suppress(queue.Empty):
            return self._messages.get(timeout=max(seconds, 0.001))
        return None

    @property
    def is_alive(self) -> bool:
        """Whether the process lives."""
        return self.process.poll() is None

    def end(self) -> None:
        """End the process: at once, whatever it does."""
        with suppress(OSError):
            self.process.kill()
        self.process.wait(END_S)
        for pipe in (self.process.stdin, self.process.stdout):
            with suppress(OSError, ValueError):
                if pipe is not None:
                    pipe.close()


def describe_exit(code: int) -> str:
    """Say why a process ended that should not have."""
    if code == -signal.SIGKILL.value if hasattr(signal, "SIGKILL") else code == 1:
        return Refusal(
            "system_killed_process",
            "the system killed its process, probably because memory ran out; choose fewer slots or fewer bars",
        )
    if code < 0:
        name = (
            signal.Signals(-code).name if -code in {int(number) for number in signal.Signals} else str(-code)
        )
        return Refusal("process_ended", "its process was ended by {name}; see the worker's log", name=name)
    return Refusal(
        "process_ended_code", "its process ended with code {code}; see the worker's log", code=code
    )


class _ReportWriter:
    """Writes reports, not more often than somebody can see."""

    def __init__(self, out: IO[str], clock: Clock) -> None:
        self._out = out
        self._clock = clock
        self._last = 0
        self._lock = threading.Lock()

    def write_message(self, **message: Any) -> None:
        with self._lock:
            self._out.write(json.dumps(message) + "\n")
            self._out.flush()

    def write_progress(self, progress: float, message: str, lines: tuple[str, ...]) -> None:
        now = self._clock.wall_now()
        if lines or now - self._last >= EVERY_MS or now < self._last:
            self._last = now
            self.write_message(progress=progress, message=message, lines=list(lines))


def serve(app_context: AppContext) -> None:
    """Do jobs from standard input until it closes; called in a process of its own."""
    # What libraries print must not be read as a report.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _lower_priority()
    writer = _ReportWriter(out, app_context.clock)
    sys.excepthook = _make_excepthook(writer)
    orders: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read_orders, args=(orders,), name="vigie-orders", daemon=True).start()
    # By name: the worker, which only hears of this process, must not grow by what it needs.
    portions = import_module("vigie.services.running.compile_portions")
    # In a tree it begins again as a copy, at once. A program begins again only after each part: it takes seconds.
    is_in_tree = PARENT in os.environ
    portions.compile_in_portions(portions.PORTION if is_in_tree else math.inf)
    warm(with_account=is_in_tree)
    fresh_bytes = resident_bytes()
    writer.write_message(ready=True)
    while True:
        outcome = _run_job(app_context, json.loads(orders.get()), writer)
        # What a job took is rarely given back, and what the compiler took never: then a fresh one takes its place.
        writer.write_message(**{"is_large": resident_bytes() - fresh_bytes > LARGE, **outcome})


def warm(*, with_account: bool = False) -> None:
    """Load what every job needs, so that the first one is quick; after an installation compile it, in portions.

    Parameters
    ----------
    with_account : bool
        Whether the loop of an account is compiled by then, too.
    """
    # A copy has this from what it was copied from, a program has not.
    import_module("vigie.compiled").load_kept_code_alone()
    # A person waits for this one; others load what they need with their first job.
    kind_of_work("quick")
    # By name, too.
    first_run = import_module("vigie.services.running.first_run")
    portions = import_module("vigie.services.running.compile_portions")
    account_part = first_run.ACCOUNT_PART if with_account else {}
    for name, compile_part in {**first_run.PARTS, **account_part}.items():
        with compile_turn(name) as is_first:
            if is_first:
                compile_part()
        # Before the next part: of what is compiled, each process has no more loaded than its part calls.
        portions.end_if_compiled()
    for load_part in first_run.PARTS.values():
        load_part()


def _read_orders(orders: queue.Queue[str]) -> None:
    for line in sys.stdin:
        orders.put(line)
    # The worker is gone: stop here and now.
    os._exit(0)


def _run_job(app_context: AppContext, order: Mapping[str, Any], writer: _ReportWriter) -> dict[str, Any]:
    """Do one job and return how it ended, to be said."""
    kind = kind_of_work(order["kind"])
    try:
        job_input = kind.input_type.model_validate(order["ask"])
        turn = compile_turn(f"job-{kind.name}") if kind.name in _COMPILING else nullcontext(False)
        with turn as has_compiled:
            tell = say_compiling(writer.write_progress) if has_compiled else writer.write_progress
            result = kind.do(app_context, job_input, Report(order["job"], order["owner"], tell))
    except ValidationError as fault:
        reason = describe_validation_error(fault)
        return {"failed": reason, "refusal": to_stored(reason)}
    except VigieError as fault:
        is_passing = isinstance(fault, TransientError | DatabaseUnavailable)
        return {"failed": str(fault), "refusal": to_stored(str(fault)), "is_passing": is_passing}
    except MemoryError:
        reason = Refusal("not_enough_memory", "there was not enough memory; order fewer slots or fewer bars")
        return {"failed": reason, "refusal": to_stored(reason), "is_large": True}
    return {"done": dict(result), "has_compiled": True} if has_compiled else {"done": dict(result)}


def resident_bytes() -> int:
    """Return what this process holds of the machine's memory, shared or not."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def _make_excepthook(writer: _ReportWriter) -> Any:
    def crashed(kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        writer.write_message(crashed=f"{kind.__name__}: {fault}")
        sys.__excepthook__(kind, fault, trace)

    return crashed


def _lower_priority() -> None:
    """Let pages go first, and be the first to go where memory ends."""
    with suppress(AttributeError, OSError):
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, encoding="ascii")
