"""What a data source is made of: the base class that every source's `Stream` extends.

It talks to whoever runs it through events (`progress`, `source-state`, `source-change`) and the options' logger, and
knows nothing of queues.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Coroutine
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypedDict, TypeVar, cast

from panoply.errors import MetadataNotSupportedException
from panoply.events import Emitter
from panoply.records import raw_message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from panoply._hiding import Hiding
    from panoply.resources import Resource

__all__ = ["DataSource", "Options"]

_log = logging.getLogger("panoply.source")

_Value = TypeVar("_Value")


class Options(TypedDict, total=False):
    """What the platform offers a source; extend it for options of your own (`class MyOptions(Options, total=False)`).

    Attributes:
        logger: is called with one tuple for each `log()`.
        refresh: what refreshing an OAuth token needs.
        hide: is called with each credential that the source declares by `secret()`, so that it is masked elsewhere, too.
    """

    logger: Callable[[tuple[object, ...]], object]
    refresh: dict[str, Any]
    hide: Callable[[str], object]


class _Given:
    """The params as they were when a source was made; not in its repr, as some sources show all attributes but `source`."""

    __slots__ = ("params",)

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.params = params

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.params)} params)"


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
        options: what the platform offers, see `Options`.

    A source is its own context manager: `with Stream(source, options) as stream:`, or `async with`, closes it.
    """

    source: dict[str, Any]
    options: Options

    # The names that begin like this are ours alone: what a source calls its own attributes is its affair. They have a value
    # before they are set, as sources call `super().__init__` late, or not at all.
    _panoply_hiding: Hiding | None = None
    _panoply_given: _Given | None = None
    # Off where the kit tests a source: what it judges is what a source lets out, and not what is made of it.
    _panoply_hides: ClassVar[bool] = True

    def __init__(self, source: dict[str, Any], options: Options | dict[str, Any] | None = None) -> None:
        super().__init__()
        self.source = source
        self.options = cast("Options", {} if options is None else options)
        # As the user chose them. Not all that `source-change` announces later is new.
        self._panoply_given = _Given(dict(source) if isinstance(source, dict) else {})
        if self._panoply_hiding is not None:
            self._panoply_tell(self._panoply_hiding.declared)

    def read(self, n: int | None = None) -> Any:
        """Give the next batch: a list of dicts, at best about `n` of them, or None when there is nothing left.

        An empty list is a batch like any other. After None, every further call gives None. May be `async def`.
        """
        raise NotImplementedError(f"{type(self).__qualname__} must override read(self, n=None)")

    def close(self) -> Any:
        """Release what the source holds: connections, files, threads. Called always, maybe twice. May be `async def`."""

    def secret(self, value: _Value) -> _Value:
        """Declare a credential that was found at run time, and get it back: `token = self.secret(fetch_token())`.

        From then on `log` masks it, and whoever runs the source does so in all that it shows. What is found among `source`
        and `options`, or is announced by `source-change`, is known anyway.

        Args:
            value: text, bytes or a number, or a dict or list of them: what a service answered to a login, for example. None
                is no credential. A value of under 6 characters occurs in any text, and is not masked.

        Raises:
            TypeError: it is something else.
        """
        from panoply._hiding import declared_credentials  # noqa: PLC0415 - milliseconds, for those who need it

        found = tuple(secret for secret, _ in declared_credentials(value))
        self._panoply_known().declare(found)
        self._panoply_tell(found)
        return value

    def log(self, *msgs: object) -> None:
        """Write to the log, generously, but never a credential.

        `options["logger"]` gets one tuple of all of `msgs`; without it they go to the logger `panoply.source`. Should there
        be a credential in them all the same, it is masked before it leaves: one that is among `source` or `options`, was
        announced by `source-change` or declared by `secret()`, in any encoding. What holds none arrives as the object that
        it is.
        """
        if self._panoply_hides:
            msgs = self._panoply_known().hidden(self, msgs)
        logger = self._panoply_option("logger")
        if logger is not None:
            logger(msgs)
        else:
            _log.info("%s", " ".join(map(str, msgs)))

    def fire(self, name: str, data: Any = None) -> Self:
        """Call the handlers of the event `name` with `data`; what `source-change` carries is a credential from now on."""
        if name == "source-change":
            given = self._panoply_given
            self._panoply_known().announce(self, data, {} if given is None else given.params)
        return super().fire(name, data)

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

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it.

        Raises:
            TypeError: its `close()` is async.
        """
        closing = self.close()
        if isinstance(closing, Awaitable):
            if isinstance(closing, Coroutine):
                closing.close()  # or Python warns that nobody awaits it
            raise TypeError(f"{type(self).__qualname__}.close() is async: use `async with`")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it, whether its `close()` is async or not."""
        closing = self.close()
        if isinstance(closing, Awaitable):
            await closing

    def _panoply_known(self) -> Hiding:
        from panoply._hiding import Hiding  # noqa: PLC0415 - milliseconds, for those who need it

        if self._panoply_hiding is None:
            # Past a `__setattr__` of the source's own; and once, also if two threads come here first.
            vars(self).setdefault("_panoply_hiding", Hiding())
        return cast("Hiding", self._panoply_hiding)

    def _panoply_tell(self, secrets: tuple[str, ...]) -> None:
        """Tell whoever runs the source of credentials that it has declared."""
        hide = self._panoply_option("hide")
        if callable(hide):
            for secret in secrets:
                hide(secret)

    def _panoply_option(self, name: str) -> Any:
        options: Any = getattr(self, "options", None)
        return None if options is None else options.get(name)


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
