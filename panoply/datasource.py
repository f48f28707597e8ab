"""What a data source is made of: the base class that every source's `Stream` extends.

It talks to whoever runs it through events (`progress`, `source-state`, `source-change`) and the options' logger, and
knows nothing of queues.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from panoply.errors import MetadataNotSupportedException
from panoply.events import Emitter
from panoply.records import raw_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panoply.resources import Resource

__all__ = ["DataSource"]

_log = logging.getLogger("panoply.source")


class DataSource(Emitter):
    """Reads records from somewhere, a batch at a time.

    Extend it, override `read`, and name the class `Stream` in your module::

        class Stream(panoply.DataSource):
            def __init__(self, source, options):
                super().__init__(source, options)
                self._pages = iter_pages(source["token"])

            def read(self, n=None):
                page = next(self._pages, None)
                if page is None:
                    return None
                self.progress(page.number, page.total, f"{page.number} of {page.total} pages")
                return page.rows

    Args:
        source: what the user chose: one value for each of CONFIG's params, plus what the platform adds (`destination`,
            `state`, ...). Kept as the very dict that was passed: the platform saves it after the run.
        options: what the platform offers. `options["logger"]` is called with one tuple for each `log()`;
            `options["refresh"]` holds what refreshing an OAuth token needs.
    """

    source: dict[str, Any]
    options: dict[str, Any]

    def __init__(self, source: dict[str, Any], options: dict[str, Any] | None = None) -> None:
        super().__init__()
        self.source = source
        self.options = {} if options is None else options

    def read(self, n: int | None = None) -> Any:
        """Give the next batch: a list of dicts, at best about `n` of them, or None when there is nothing left.

        An empty list is a batch like any other. After None, every further call gives None. May be `async def`.
        """
        raise NotImplementedError(f"{type(self).__qualname__} must override read(self, n=None)")

    def close(self) -> Any:
        """Release what the source holds: connections, files, threads. Called always, maybe twice. May be `async def`."""

    def log(self, *msgs: object) -> None:
        """Write to the log, generously, but never a credential.

        `options["logger"]` gets one tuple of all of `msgs`; without it they go to the logger `panoply.source`.
        """
        logger = self.options.get("logger")
        if logger is not None:
            logger(msgs)
        else:
            _log.info("%s", " ".join(map(str, msgs)))

    def progress(self, loaded: int | None, total: int | None, msg: str = "") -> None:
        """Tell how far the source is; call it at least once in each `read()`.

        Args:
            loaded: how many of `total` are done, in any unit: rows, files, calls. None while it cannot be known.
            total: how many there are in all; None together with `loaded`.
            msg: what a person may read, such as "3,000/6,000 files loaded".
        """
        self.fire("progress", {"loaded": loaded, "total": total, "msg": msg})

    def state(self, state_id: str, state: Mapping[str, Any]) -> None:
        """Report how far the records that carry `__state: state_id` bring the source.

        Once those records are safe, the platform merges `state` into what it hands over as `source["state"]` next time.
        """
        self.fire("source-state", {"stateId": state_id, "state": state})

    @classmethod
    def list_resources(cls, source: dict[str, Any], options: dict[str, Any] | None = None) -> list[Resource]:  # noqa: ARG003 - for those who override it
        """What the user, whose params these are, can read from. A source may override it, and `get_resource` with it.

        Raises:
            MetadataNotSupportedException: this source does not.
        """
        raise MetadataNotSupportedException("`list_resources` method is not supported.")

    @classmethod
    def get_resource(cls, resource_id: str, source: dict[str, Any], options: dict[str, Any] | None = None) -> Resource:  # noqa: ARG003 - as above
        """One of the resources that `list_resources` gives, with its fields.

        Raises:
            MetadataNotSupportedException: this source does not.
        """
        raise MetadataNotSupportedException("`get_resource` method is not supported.")

    def raw(self, tag: str, raw: bytes | str, metadata: Mapping[str, Any]) -> dict[str, Any]:
        """Wrap bytes that Panoply shall parse (a file, a response body) into a record that can travel as JSON.

        Args:
            tag: what links the message to its metadata: a file's name, the id of a batch.
            raw: the bytes, which go as base64; of text, its UTF-8.
            metadata: columns to add, such as `{"__state": state_id}`. It is copied, lists and dicts in it included.

        Raises:
            WrongTypeOrValueError: `raw` is neither bytes nor text, or something in `metadata` cannot be a column's value.
        """
        return raw_message(tag, raw, metadata)


# What SDK 1.x to 3.x had in this module, too. Few sources need it, and it is slow to import.
_ELSEWHERE = {
    "PanoplyException": "panoply.errors",
    "background_progress": "panoply.progress",
    "validate_token": "panoply.oauth",
}


def __getattr__(name: str) -> Any:
    if name not in _ELSEWHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_ELSEWHERE[name]), name)
