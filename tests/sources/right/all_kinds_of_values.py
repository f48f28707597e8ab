"""Values of every kind that the SDK can send."""

import collections
import dataclasses
import datetime
import decimal
import enum
import types
import uuid

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class State(enum.Enum):
    OPEN = "open"


class Level(enum.IntEnum):
    HIGH = 3


class Color(enum.StrEnum):
    RED = "red"


@dataclasses.dataclass
class Address:
    city: str


Point = collections.namedtuple("Point", "x y")


def deep(levels):
    tree = {}
    for _ in range(levels):
        tree = {"child": [tree]}
    return tree


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1)
        shared = {"shared": [1]}
        utc = datetime.timezone.utc
        return [
            {
                "decimal": decimal.Decimal("12345678901234567890.123456789"),
                "date": datetime.date(2024, 2, 29),
                "naive": datetime.datetime(2024, 2, 29, 12),
                "aware": datetime.datetime(2024, 2, 29, 12, tzinfo=utc),
                "time": datetime.time(12, 30),
                "uuid": uuid.UUID(int=7),
                "enum": State.OPEN,
                "int enum": Level.HIGH,
                "str enum": {Color.RED: Color.RED},
                "big": 2**200,
                "small": -(2**70),
                "float": 1e308,
                "tiny": 5e-324,
                "zero": -0.0,
                "none": None,
                "bool": True,
                "emoji": "🦊 family: 👨‍👩‍👧",
                "zero byte": "a\x00b",
                "noncharacter": "\uffff",
                "lines": "a\r\nb\u2028c",
                "schlüssel": "wert",
                "": "an empty key",
                "tuple": (1, (2, 3)),
                "named": Point(1, 2),
                "dataclass": Address("Turin"),
                "mapping": types.MappingProxyType({"a": 1}),
                "chain": collections.ChainMap({"a": 1}, {"b": 2}),
                "deep": deep(100),
                "word": "NaN",
                "one": shared,
                "the same": shared,
            }
        ]
