"""What it costs to look for credentials in everything that a source lets out: five of them, in all encodings, in text that
holds none.

Beside `panoply_testing.secrets`, whose automaton is an optional dependency, is measured the mask of `panoply run` and of
`DataSource.log` where there is none, which finds the same in plain Python; and as the floor an `in` for each value, which
knows no encoding.
"""

from __future__ import annotations

import base64
import json
import random
import string
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["KINDS", "MISSING", "RIVALS", "measure", "texts", "values"]

# How pieces of text come: a line of a log at a time, a page of records, an image within a record.
KINDS: Final = ("log lines", "records", "base64")

_PIECES: Final = {"log lines": 200, "records": 64 * 1024, "base64": 64 * 1024}
_LETTERS: Final = string.ascii_letters + string.digits


def _kit(secrets: tuple[str, ...]) -> Callable[[str], object]:
    from panoply_testing.secrets import Credentials, Secret  # noqa: PLC0415 - it is measured in this process only

    looking = Credentials(Secret(label=f"param {number}", value=value) for number, value in enumerate(secrets))
    looking.find("")  # which makes it ready
    return looking.find


def _without_automaton(secrets: tuple[str, ...]) -> Callable[[str], object]:
    from panoply._matching import Matcher  # noqa: PLC0415 - as above
    from panoply._search import plain_search  # noqa: PLC0415

    matcher = Matcher(secrets, search=plain_search)
    return lambda text: matcher.places(text.encode("utf-8"))


def _plain(secrets: tuple[str, ...]) -> Callable[[str], object]:
    return lambda text: [value for value in secrets if value in text]


RIVALS: Final[Mapping[str, Callable[[tuple[str, ...]], Callable[[str], object]]]] = {
    "panoply_testing": _kit,
    "plain Python": _without_automaton,
    "as is only": _plain,
}

# What is said where the automaton is not installed.
MISSING: Final = "leaks: ahocorasick-rs is not installed; pip install ahocorasick-rs"


def values(seed: int = 1) -> tuple[str, ...]:
    """Five credentials of the usual kinds, made up."""
    chance = random.Random(seed)  # noqa: S311 - nothing is kept secret with it

    def some(letters: str, number: int) -> str:
        return "".join(chance.choice(letters) for _ in range(number))

    return (
        f"sk_live_{some(_LETTERS, 24)}",
        some("0123456789abcdef", 40),
        some(_LETTERS + "-_", 43),
        f"pa55/{some(_LETTERS, 4)}+{some(string.digits, 2)} {some(_LETTERS, 4)}=",
        "correct horse battery staple",
    )


def texts(kind: str, megabytes: float) -> list[str]:
    """Pieces of ordinary text, of so many MB together."""
    chance = random.Random(2)  # noqa: S311 - as above
    size = int(megabytes * 1e6)
    if kind == "base64":
        data = base64.b64encode(chance.randbytes(size * 3 // 4)).decode("ascii")
        return [data[start : start + _PIECES[kind]] for start in range(0, size, _PIECES[kind])]
    lines: list[str] = []
    length = 0
    while length < size:
        lines.append(_line(chance, len(lines)))
        length += len(lines[-1])
    if kind == "log lines":
        return lines
    page = "\n".join(json.dumps({"id": number, "event": line}) for number, line in enumerate(lines))[:size]
    return [page[start : start + _PIECES[kind]] for start in range(0, size, _PIECES[kind])]


def _line(chance: random.Random, number: int) -> str:
    shown = "".join(chance.choice(_LETTERS) for _ in range(12))
    return chance.choice(
        (
            f'2024-05-{number % 28 + 1:02} 10:00:{number % 60:02},{number % 1000:03} DEBUG urllib3.connectionpool https://api.acme.test:443 "GET /v1/orders?page={number}&filter=status%3Aopen%2Cpaid&cursor={shown} HTTP/1.1" 200 {number}',
            json.dumps(
                {"level": "info", "msg": f'read "orders" page {number}', "id": shown, "path": "/data/x\n", "n": 1.5}
            ),
            f"INFO orders: page {number} of 1000, {number * 3} records so far; the next token is {shown}; customer is r&eacute;n&eacute; &amp; sons",
            json.dumps(
                {"event": json.dumps({"path": "C:\\data", "name": "café", "n": number}), "trace": f"{number:032x}"}
            ),
        )
    )


def measure(spec: Mapping[str, Any]) -> dict[str, Any]:
    """How long it takes to get ready, in seconds, and how many MB a second are looked through, by kind of text.

    In CPU time: one thread does it all, and other processes of the machine shall not count.
    """
    make = RIVALS[spec["rival"]]
    make(values(0))  # what is imported or kept once
    took: list[float] = []
    for seed in range(3, 8):
        secrets = values(seed)
        start = time.process_time()
        find = make(secrets)
        took.append(time.process_time() - start)
    found: dict[str, Any] = {"ready": min(took), "speed": {}, "false": 0}
    for kind in KINDS:
        pieces = texts(kind, spec["megabytes"])
        size = sum(len(piece.encode("utf-8")) for piece in pieces)
        start = time.process_time()
        false = sum(bool(find(piece)) for piece in pieces)
        found["speed"][kind] = size / 1e6 / (time.process_time() - start)
        found["false"] += false
    return found
