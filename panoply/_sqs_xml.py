"""Reads the small XML documents that AWS answers with, and nothing that a hostile far end could do harm with.

No document type (which is where entities that grow or read files are declared), no tree, no depth, no size.
"""

from __future__ import annotations

from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from panoply._sqs_wire import ANSWER_LIMIT, Reply

__all__ = ["error_in", "texts_in"]

Path = tuple[str, ...]

# The deepest that AWS puts anything that is of interest: Response, Errors, Error, Code.
_DEPTH: Final = 4

# Where services put an error: SQS, those like S3, those like EC2.
_ERRORS: Final[tuple[Path, ...]] = (("ErrorResponse", "Error"), ("Error",), ("Response", "Errors", "Error"))


def texts_in(content: bytes) -> dict[Path, str]:
    """The texts of a document, each with the names of the elements that it is in; empty if this is no plain XML."""
    if len(content) > ANSWER_LIMIT:
        return {}
    path: list[str] = []
    found: dict[Path, str] = {}

    def start(name: str, _: object) -> None:
        path.append(name.rpartition(":")[2])

    def end(_: str) -> None:
        path.pop()

    def text(data: str) -> None:
        if len(path) <= _DEPTH:
            place = tuple(path)
            found[place] = found.get(place, "") + data

    def doctype(*_: object) -> None:
        raise ExpatError

    parser = ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(content, True)  # noqa: FBT003 - it takes no keywords
    except (ExpatError, ValueError, LookupError):  # the latter two: an encoding that is none
        return {}
    return {place: data.strip() for place, data in found.items()}


def error_in(texts: dict[Path, str], status: int, *, native: bool) -> Reply:
    """The error that these texts tell, if they do."""
    for place in _ERRORS:
        if code := texts.get((*place, "Code")):
            return Reply(status=status, code=code, message=texts.get((*place, "Message"), ""), native=native)
    return Reply(status=status, native=False)
