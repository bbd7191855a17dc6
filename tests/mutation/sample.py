"""Plants seeded faults in trading, engine and statistics, one at a time, and counts those that quick tests notice.

``NUMBA_DISABLE_JIT=1 python -m tests.mutation.sample`` plants 200 in this checkout. ``--also DIR`` takes only faults
that another checkout has too, whatever its names are: the same sample can then be planted before and after a change,
with a copy of this file there. A fault is one operator, number or condition of a function. Each is planted in a fork of
a process that has read the tests: of those that reach its line the cheapest are run, up to a budget, and the
first that fails notices it.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import inspect
import json
import os
import pickle
import random
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final, TypeVar

import pytest
from coverage import Coverage

ROOT: Final = Path(__file__).parents[2]
WINGS: Final = ("trading", "engine", "quant/stats")
TESTS: Final = ("tests/unit/trading", "tests/unit/engine", "tests/unit/quant/stats", "tests/golden")
# Compile something, or have a process of their own judge files: a fault in this process does not reach them.
LEFT_OUT: Final = (
    "not with_compilation_off and not compiled_function and not test_judgement and not test_outside"
)
# A fault that makes a loop endless is noticed, too: by who waits. A fork finds its tests before it runs them.
PATIENCE: Final = 4.0
STARTING_S: Final = 30.0
# Uncompiled, with lines counted, a test may take so many processor seconds.
LONGEST_S: Final = 8.0
SWAPS: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip
Result = TypeVar("Result")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault that can be planted.

    Attributes
    ----------
    file : str
        Of the function, from the root.
    function : str
        Its qualified name.
    place : int
        Which of the function's places, in the order of `places_in`.
    """

    file: str
    function: str
    place: int


class Nameless(ast.NodeTransformer):
    """Takes names, texts, annotations and refusals out of a function: what a renamed copy shares is left."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Name("n", node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return ast.Attribute(self.visit(node.value), "a", node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg("g")

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return ast.keyword("k", self.visit(node.value))

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("s") if isinstance(node.value, str) else node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        value = self.visit(node.value) if node.value else ast.Constant(None)
        return ast.Assign([self.visit(node.target)], value)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return ast.Raise()


def places_in(function: Function) -> list[ast.expr | ast.stmt]:
    """Return the nodes of a function in which a fault can be planted, refusals and annotations apart."""
    return [node for statement in function.body for node in _walk(statement) if _is_place(node)]


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.Raise | ast.AnnAssign | ast.Import | ast.ImportFrom):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _walk(child)


def _is_place(node: ast.AST) -> bool:
    match node:
        case ast.Compare(ops=[operator]):
            return type(operator) in SWAPS
        case ast.BinOp(op=operator) | ast.BoolOp(op=operator) | ast.AugAssign(op=operator):
            return type(operator) in SWAPS
        case ast.Constant(value=value):
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ast.UnaryOp(op=ast.Not()):
            return True
    return False


def plant(node: ast.AST) -> None:
    """Change a node: another operator, one more, or no denial."""
    match node:
        case ast.Compare():
            node.ops = [SWAPS[type(node.ops[0])]()]
        case ast.BinOp() | ast.BoolOp() | ast.AugAssign():
            node.op = SWAPS[type(node.op)]()
        case ast.Constant():
            node.value = node.value + 1
        case ast.UnaryOp():
            node.op = ast.UAdd()
            node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])


def functions_of(tree: ast.Module) -> Iterator[tuple[str, Function]]:
    """Yield the functions of a module and the methods of its classes, with their qualified names."""
    for node in tree.body:
        if isinstance(node, Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from ((f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, Function))


@cache
def faults_of(root: Path) -> dict[str, Fault]:
    """Return the faults that can be planted in a checkout, by a mark that a renamed copy shares; no mark is two's."""
    found: dict[str, list[Fault]] = {}
    for wing in WINGS:
        for path in sorted((root / "src" / "vigie" / wing).rglob("*.py")):
            for name, function in functions_of(ast.parse(path.read_text("utf-8"))):
                count = len(places_in(function))
                if ast.get_docstring(function) is not None:
                    function.body = function.body[1:]
                shape = "".join(ast.dump(Nameless().visit(one)) for one in function.body)
                for place in range(count):
                    mark = hashlib.sha256(f"{shape}/{place}".encode()).hexdigest()
                    found.setdefault(mark, []).append(Fault(path.relative_to(root).as_posix(), name, place))
    return {mark: faults[0] for mark, faults in found.items() if len(faults) == 1}


def chosen(also: Sequence[Path], count: int, seed: int) -> dict[str, Fault]:
    """Return the sample: the same in each of the checkouts."""
    own = faults_of(ROOT)
    shared = set(own).intersection(*(faults_of(other) for other in also))
    marks = random.Random(seed).sample(sorted(shared), min(count, len(shared)))
    return {mark: own[mark] for mark in marks}


def code_with(fault: Fault) -> tuple[CodeType, str]:
    """Return the code of a function with a fault in it, and its module."""
    path = ROOT / fault.file
    tree = ast.parse(path.read_text("utf-8"))
    function = dict(functions_of(tree))[fault.function]
    plant(places_in(function)[fault.place])
    compiled = compile(ast.fix_missing_locations(tree), str(path), "exec")
    module = ".".join(Path(fault.file).with_suffix("").parts[1:]).removesuffix(".__init__")
    return next(one for one in _codes(compiled) if one.co_qualname == fault.function), module


def _codes(code: CodeType) -> Iterator[CodeType]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            yield from _codes(constant)


def live(module: str, name: str) -> FunctionType:
    """Return the function that callers hold."""
    owner: object = importlib.import_module(module)
    for part in name.split("."):
        owner = inspect.getattr_static(owner, part)
    if isinstance(owner, property):
        owner = owner.fget
    owner = inspect.unwrap(getattr(owner, "__func__", owner))
    if not isinstance(owner, FunctionType):
        raise LookupError(f"{module}.{name} is no function")
    return owner


class Watching:
    """Tells pytest to count, test by test, which lines it reaches, what it takes and whether it passes."""

    def __init__(self, tracer: Coverage) -> None:
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []
        self.too_long: set[str] = set()
        self._tracer = tracer

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Count the lines of a test as its own."""
        self._tracer.switch_context(item.nodeid)
        begun = time.process_time()

        def give_up(*_: object) -> None:
            self.too_long.add(item.nodeid)
            # Of this tool's own run alone, and counted: some tests take minutes where nothing is compiled.
            pytest.skip("takes too long uncompiled")

        signal.signal(signal.SIGPROF, give_up)
        signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            self.seconds[item.nodeid] = time.process_time() - begun

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep who fails without a fault."""
        if report.failed:
            self.failed.append(report.nodeid)


class Cheapest:
    """Tells pytest to begin with the tests that take least."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Order them."""
        items.sort(key=lambda item: self._seconds.get(item.nodeid, 0.0))


@dataclass(frozen=True, slots=True)
class Reach:
    """What tests reach, uncompiled.

    Attributes
    ----------
    seconds : dict
        Processor seconds by test, with lines counted: twice as long as without.
    lines : dict
        Tests by line, by file from the root.
    too_long : int
        How many tests were left out, because they take longer than `LONGEST_S`.
    """

    seconds: dict[str, float]
    lines: dict[str, dict[int, list[str]]]
    too_long: int

    def tests_for(self, fault: Fault, budget_s: float) -> list[str]:
        """Return the tests that reach a fault's line, the cheapest first, as many as the budget pays for.

        Where none reaches it: those of the last line before it in the function that one reaches.
        """
        function = dict(functions_of(ast.parse((ROOT / fault.file).read_text("utf-8"))))[fault.function]
        node = places_in(function)[fault.place]
        lines = self.lines.get(fault.file, {})
        # A statement of several lines is counted at its first one.
        first = max((one for one in lines if function.lineno < one <= node.lineno), default=0)
        chosen: list[str] = []
        for test in sorted(lines.get(first, ()), key=lambda name: self.seconds[name]):
            budget_s -= self.seconds[test]
            if chosen and budget_s < 0:
                break
            chosen.append(test)
        return chosen


def reach() -> Reach:
    """Run the tests once without a fault, uncompiled, and count what each reaches.

    Raises
    ------
    SystemExit
        If one fails, or one cannot be read.
    """
    tracer = Coverage(data_file=None, source=[str(ROOT / "src" / "vigie" / wing) for wing in WINGS])
    watching = Watching(tracer)
    tracer.start()
    code = pytest.main(["-q", "-p", "no:cacheprovider", "-k", LEFT_OUT, *TESTS], plugins=[watching])
    tracer.stop()
    if code:
        raise SystemExit(f"without a fault the tests end with {code}: {watching.failed}")
    data, lines = tracer.get_data(), {}
    for path in data.measured_files():
        reached = data.contexts_by_lineno(path)
        lines[Path(path).relative_to(ROOT).as_posix()] = {
            line: [test for test in tests if test and test not in watching.too_long]
            for line, tests in reached.items()
        }
    return Reach(watching.seconds, lines, len(watching.too_long))


def forked(function: Callable[[], Result]) -> Result:
    """Return what a function returns in a fork of this process.

    Raises
    ------
    SystemExit
        If it returned nothing.
    """
    end, begin = os.pipe()
    pid = os.fork()
    if pid == 0:
        with os.fdopen(begin, "wb") as file:
            pickle.dump(function(), file)
        os._exit(0)
    os.close(begin)
    with os.fdopen(end, "rb") as file:
        told = file.read()
    os.waitpid(pid, 0)
    if not told:
        raise SystemExit("the tests ended without an answer")
    answer: Result = pickle.loads(told)
    return answer


def asked(fault: Fault, tests: Sequence[str], seconds: dict[str, float]) -> tuple[str, float]:
    """Run the tests in a fork with a fault planted; return what came of it, and the seconds of processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    limit_s = int(STARTING_S + PATIENCE * sum(seconds[test] for test in tests))
    pid = os.fork()
    if pid == 0:
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 1), os.dup2(nothing, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (limit_s, limit_s + 4))
        code, module = code_with(fault)
        function = live(module, fault.function)
        function.__code__ = code
        words = ["-x", "-q", "-p", "no:cacheprovider", *tests]
        os._exit(int(pytest.main(words, plugins=[Cheapest(seconds)])))
    _, status = os.waitpid(pid, 0)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if os.WIFSIGNALED(status):
        return ("endless" if os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL) else "died"), spent
    return {0: "missed", 1: "noticed"}.get(os.WEXITSTATUS(status), "broken"), spent


def main() -> int:
    """Plant the sample; print what came of each fault and the counts."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--also", type=Path, action="append", default=[], help="a checkout that must have the faults, too"
    )
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=18)
    parser.add_argument(
        "--budget-s", type=float, default=20.0, help="processor seconds of tests for a fault, at most"
    )
    options = parser.parse_args()
    if os.environ.get("NUMBA_DISABLE_JIT") != "1":
        parser.error("set NUMBA_DISABLE_JIT=1: a fault in what is compiled already changes nothing")
    os.chdir(ROOT)
    sample = chosen([one.resolve() for one in options.also], options.count, options.seed)
    # What tests load is loaded once, before the forks. They do not run here: no fork would have the threads they start.
    pytest.main(["-q", "--collect-only", "-p", "no:cacheprovider", "-k", LEFT_OUT, *TESTS])
    reached = forked(reach)
    spent = sum(reached.seconds.values())
    print(f"{len(reached.seconds)} tests, {reached.too_long} too long, {spent:.0f} s", flush=True)
    counts: Counter[str] = Counter()
    begun = time.monotonic()
    for mark, fault in sample.items():
        tests = reached.tests_for(fault, options.budget_s)
        result, spent = asked(fault, tests, reached.seconds) if tests else ("not reached", 0.0)
        counts[result] += 1
        line = {"mark": mark[:12], "result": result, "tests": len(tests), "s": round(spent, 1)}
        print(json.dumps({**line, **asdict(fault)}), flush=True)
    print(f"{dict(counts)} of {len(sample)}, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
