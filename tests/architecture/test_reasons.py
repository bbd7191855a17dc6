"""Whatever is let off a check, or catches everything, says why on its own line."""

from __future__ import annotations

import re

import pytest

from tests.architecture.source_tree import modules

# What wants a reason, and the reason that follows it.
WANTED = {
    "type: ignore": re.compile(r"#\s*type: ignore(\[[^\]]*\])?(?P<why>.*)"),
    "noqa": re.compile(r"#\s*(ruff: )?noqa(: [A-Z0-9, ]+[0-9])?(?P<why>.*)"),
    "broad catch": re.compile(
        r"^\s*except\s*(\(.*)?\b(Base)?Exception\b(?!Group)[^#]*:(?P<why>.*)|^\s*except:(?P<why2>.*)"
    ),
    "lost line": re.compile(r"^\s*def handleError\b[^#]*:(?P<why>.*)"),
}
SAID = re.compile(r"(#|-)\s*\S+ \S+")


def without_reason(line):
    """Return what a line should say the reason of and does not."""
    return [
        what
        for what, pattern in WANTED.items()
        for found in pattern.finditer(line)
        if not SAID.search("".join(words for words in found.groupdict().values() if words))
    ]


def test_what_is_let_off_a_check_says_why():
    silent = [
        f"{module.shown}:{at}"
        for module in modules()
        for at, line in enumerate(module.path.read_text(encoding="utf-8").splitlines(), start=1)
        if without_reason(line)
    ]
    assert silent == []


@pytest.mark.parametrize(
    "line",
    [
        "    x = y  # type: ignore[arg-type]",
        "    x = y  # type: ignore",
        "    x = y  # noqa: S704",
        "    x = y  # noqa",
        "    except Exception as error:",
        "    except (ValueError, Exception) as error:",
        "    except BaseException:",
        "    except:",
        "    except Exception:  # noqa: BLE001",
        "    def handleError(self, record: Record) -> None:",
        "    def handleError(self, record: Record) -> None:  # noqa: N802",
    ],
)
def test_a_line_without_a_reason_is_found(line):
    assert without_reason(line)


@pytest.mark.parametrize(
    "line",
    [
        "    x = y  # type: ignore[arg-type]  # looked at above",
        "    x = y  # noqa: S704 - drawn from a number",
        "# ruff: noqa: E501 - sentences are kept on one line",
        "    except Exception as error:  # noqa: BLE001 - the edge of a task",
        "    except BaseException:  # also where a person ends it",
        "    except ExceptionGroup as several:",
        "    except ValueError:",
    ],
)
def test_a_line_with_a_reason_is_left_alone(line):
    assert without_reason(line) == []
