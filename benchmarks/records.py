"""The records that are sent: of three sizes, of the kinds of values that sources read, the same ones in every run.

There are a few hundred of each size, each with values of its own, and they are cycled: a writer that keeps what it made of
the record before gains nothing by it.
"""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any, Final

__all__ = ["SIZES", "TABLE", "make", "size_of"]

TABLE: Final = "orders"

# Bytes of a record as compact JSON, without its `__table`. Five of the largest and their tables fill 97 % of a message.
SIZES: Final = {"200 B": 200, "2 KB": 2_000, "50 KB": 50_000}

# So that the prebuilt ones, too, stay small beside what a rival keeps in memory.
_PREBUILT_BYTES: Final = 1_000_000
_MOST: Final = 400

_NAMES: Final = (
    "Anna",
    "Boris",
    "Chloé",
    "Dmitri",
    "Elif",
    "François",
    "Grace",
    "Håkon",
    "Ines",
    "Jürgen",
    "Kofi",
    "Léa",
    "Mateo",
    "Nadia",
    "Olga",
    "Pablo",
)
_CITIES: Final = (
    "Amsterdam",
    "Berlin",
    "Córdoba",
    "Dublin",
    "Espoo",
    "Firenze",
    "Göteborg",
    "Haifa",
    "Izmir",
    "Jaffa",
    "Kraków",
    "Lyon",
    "Málaga",
)
_WORDS: Final = (
    "please",
    "leave",
    "the",
    "parcel",
    "with",
    "a",
    "neighbour",
    "or",
    "ring",
    "twice",
    "because",
    "nobody",
    "hears",
    "it",
    "in",
    "the",
    "garden",
)
_BEGIN: Final = datetime(2024, 1, 1, tzinfo=UTC)


def make(size: str) -> list[dict[str, Any]]:
    """Some hundred different records of a size that is named in `SIZES`."""
    target = SIZES[size]
    chance = random.Random(target)  # noqa: S311 - the same records in every run
    return [_record(chance, number, target) for number in range(min(_MOST, _PREBUILT_BYTES // target))]


def size_of(record: dict[str, Any]) -> int:
    """How many bytes it has as compact JSON."""
    return len(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode())


def _record(chance: random.Random, number: int, target: int) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": 10_000_000 + number * 7_919,
        "name": chance.choice(_NAMES),
        "city": chance.choice(_CITIES),
        "amount": round(chance.uniform(1, 9_999), 2),
        "visits": chance.randrange(1, 500),
        "paid": chance.random() < 0.5,
        "coupon": None if chance.random() < 0.7 else f"SPRING-{chance.randrange(100, 999)}",
        "at": _time(chance),
    }
    if target >= SIZES["2 KB"]:
        record["address"] = {"street": f"{chance.choice(_WORDS)} street", "no": chance.randrange(1, 300), "floor": None}
        record["tags"] = chance.sample(_WORDS, 4)
        record["lines"] = []
        room = target - size_of(record) - 100
        while room > 0:
            line = _line(chance)
            room -= size_of(line) + 1
            record["lines"].append(line)
        if room < 0:
            record["lines"].pop()
    record["note"] = _text(chance, target - size_of(record) - len(',"note":""'))
    return record


def _line(chance: random.Random) -> dict[str, Any]:
    return {
        "sku": f"{chance.randrange(16**8):08x}",
        "count": chance.randrange(1, 20),
        "price": round(chance.uniform(0.5, 500), 2),
        "gift": chance.random() < 0.1,
        "sent": None if chance.random() < 0.3 else _time(chance),
    }


def _time(chance: random.Random) -> str:
    return (_BEGIN + timedelta(milliseconds=chance.randrange(31_536_000_000))).isoformat(timespec="milliseconds")


def _text(chance: random.Random, length: int) -> str:
    text = ""
    while len(text) < length:
        text += chance.choice(_WORDS) + " "
    return text[: max(length, 0)]
