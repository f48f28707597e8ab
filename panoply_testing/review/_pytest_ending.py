"""Why pytest came to an end that does not count, in its own words, out of all that it has written."""

from __future__ import annotations

import re
import signal
from typing import Final

__all__ = ["ending"]

# Of what it says, so much is shown.
_LONGEST: Final = 300

# What pytest calls its exit codes.
_MEANINGS: Final = {2: "was interrupted", 3: "failed by itself", 4: "could not begin", 5: "found nothing to run"}

_NOTHING_RUN: Final = 5
_FAILED, _FAILURE = 3, "INTERNALERROR"

# The plugins that the options belong to which projects have in addopts most often.
_PLUGINS: Final = {
    "--cov": "pytest-cov",
    "--no-cov": "pytest-cov",
    "-n": "pytest-xdist",
    "--dist": "pytest-xdist",
    "--numprocesses": "pytest-xdist",
    "--timeout": "pytest-timeout",
    "--reruns": "pytest-rerunfailures",
    "--asyncio-mode": "pytest-asyncio",
    "--randomly-seed": "pytest-randomly",
    "--random-order": "pytest-random-order",
    "--html": "pytest-html",
    "--json-report": "pytest-json-report",
    "--benchmark-disable": "pytest-benchmark",
    "--benchmark-skip": "pytest-benchmark",
    "--mypy": "pytest-mypy",
    "--ruff": "pytest-ruff",
    "--flake8": "pytest-flake8",
    "--black": "pytest-black",
    "--record-mode": "pytest-recording",
    "--disable-socket": "pytest-socket",
    "--allow-hosts": "pytest-socket",
    "--snapshot-update": "syrupy",
}

_USAGE: Final = re.compile(r"^[^\n]*: error: (?P<said>[^\n]+)", re.MULTILINE)
_UNKNOWN: Final = re.compile(r"unrecognized arguments: (?P<words>.+)")
_CRASHED: Final = re.compile(r"Fatal Python error: (?P<what>[^\n]+)")
_DESELECTED: Final = re.compile(r"\b(?P<count>\d+) deselected\b")
_TOLD: Final = re.compile(r"^(?:INTERNALERROR> ?|ERROR:? |E  +)(?P<text>.+)")

# The last line of a run that went well, as far as pytest knows.
_SUMMARY: Final = re.compile(r"^=* ?(?P<text>\d+ (?:passed|failed|skipped|xfailed|warning|error).*?) ?=*$")


def ending(code: int, said: str, begun: str) -> str:
    """What became of it, as the end of "pytest ...".

    Args:
        code: its exit code; below 0 the signal that ended it.
        said: the end of what it wrote.
        begun: the last test that began; empty: none did.

    >>> ending(4, "python -m pytest: error: unrecognized arguments: --cov=shop", "")
    'could not begin: unrecognized arguments: --cov=shop. These are options of pytest-cov: add it to what the tests ask for'
    >>> ending(-11, "Fatal Python error: Segmentation fault", "test_a.py::test_one")
    'was ended by SIGSEGV (Segmentation fault), while test_a.py::test_one ran'
    """
    during = f", while {begun} ran" if begun else ", before the first test began"
    if code < 0:
        crash = _CRASHED.search(said)
        crashed = f" ({crash['what']})" if crash else ""
        return f"was ended by {_signal(-code)}{crashed}{during}"
    if code == _NOTHING_RUN:
        left_out = _DESELECTED.search(said)
        why = (
            f": the settings leave out all {left_out['count']} that there are (-m or -k in addopts)" if left_out else ""
        )
        return f"{_MEANINGS[code]}{why}"
    reason = _reason(said)
    summary = _SUMMARY.match(reason)
    if summary:
        return f"ended with exit code {code}, though it says: {summary['text']}. Something changes that as it exits"
    # The project may end the process with any code.
    is_its_own = code in _MEANINGS and (code != _FAILED or _FAILURE in said)
    meaning = _MEANINGS[code] if is_its_own else f"ended with exit code {code}"
    return f"{meaning}: {reason[:_LONGEST].rstrip('.')}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _reason(said: str) -> str:
    usage = _USAGE.search(said)
    if usage:
        return usage["said"] + _plugin(usage["said"])
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [(number, match["text"].strip()) for number, line in enumerate(lines) if (match := _TOLD.match(line))]
    told = [(number, text) for number, text in told if not text.startswith("usage: ")]
    if not told:
        return lines[-1] if lines else "without a word"
    number, text = told[-1]
    # What ends in a colon says on the next line what it is about.
    return " ".join([text, *lines[number + 1 : number + 2]]) if text.endswith(":") else text


def _plugin(said: str) -> str:
    """Whose options nobody knows."""
    unknown = _UNKNOWN.search(said)
    words = [word.partition("=")[0] for word in unknown["words"].split()] if unknown else []
    names = dict.fromkeys(_PLUGINS[word] for word in words if word in _PLUGINS)
    if not names:
        return ""
    return f". These are options of {', '.join(names)}: add {'it' if len(names) == 1 else 'them'} to what the tests ask for"
