"""Keeps the access token of an OAuth source valid: `validate_token`.

Nothing that is logged or raised here has a token, a secret, or a word of the far end's in it.
"""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any, TypeVar, cast

from panoply._token_endpoint import NoToken, ask_token_endpoint, host_of
from panoply.errors import IncorrectParamError, PanoplyException, TokenValidationException

__all__ = ["validate_token"]

F = TypeVar("F", bound=Callable[..., Any])
Exceptions = type[BaseException] | tuple[type[BaseException], ...]


def validate_token(  # noqa: C901 - sync and async, side by side
    refresh_url: str | Callable[[dict[str, Any]], str],
    exceptions: Exceptions = (),
    callback: str | Callable[[Any], Any] | None = None,
    access_key: str = "access_token",
    refresh_key: str = "refresh_token",
) -> Callable[[F], F]:
    """Have a method of a data source called again, once, with a fresh access token, where it raises one of `exceptions`.

    The new token is put into the source's params, told to the platform (`source-change`, which saves it), and handed to
    `callback`; then the method is called again with all of its arguments. Of calls that fail at the same time, in
    threads or tasks, one refreshes the token and the others wait for it. The method may be `async`, and then so may
    `callback`.

    The request is a POST of the form `{**options["refresh"], refresh_key: source[refresh_key]}` (that is where the platform
    puts client_id, client_secret and the like). A new refresh token in its answer is kept, too.

    Args:
        refresh_url: where tokens are refreshed; a function of the source's params, where that depends on them. Redirects
            are not followed: they would take the secrets elsewhere.
        exceptions: what the method raises where its token is not valid (any more): a class, or several. None by default.
        callback: what else needs the new token: a function, or the name of a method.
        access_key: the access token's name, among the source's params and in the answer.
        refresh_key: the refresh token's name, among the source's params and in the request.

    Raises:
        TokenValidationException: the token could not be refreshed, or `callback` raised. Not retryable: an endpoint
            that fails for now was asked three times. Without a cause or context: what libraries raise holds what was sent.
    """
    caught = _classes(exceptions)
    plan = _Plan(url=refresh_url, callback=callback, access_key=access_key, refresh_key=refresh_key)

    def decorate(func: F) -> F:
        @wraps(func)
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            gate = _gate(self)
            seen = gate.refreshed
            try:
                result = func(self, *args, **kwargs)
            except caught:
                if gate.is_mine():
                    raise
            else:
                # A decorator below may hide that the method is async.
                again = partial(func, self, *args, **kwargs)
                return awaited(self, gate, seen, result, again) if inspect.iscoroutine(result) else result
            # Out of the `except`: what is raised from here on would take the first error along as its context.
            failure = plan.refresh(self, gate, seen)
            if failure is not None:
                raise failure
            return func(self, *args, **kwargs)

        @wraps(func)
        async def async_wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            gate = _gate(self)
            call = partial(func, self, *args, **kwargs)
            return await awaited(self, gate, gate.refreshed, call(), call)

        return cast("F", async_wrapper if inspect.iscoroutinefunction(func) else wrapper)

    async def awaited(self: Any, gate: _Gate, seen: int, coroutine: Any, again: Callable[[], Any]) -> Any:
        try:
            return await coroutine
        except caught:
            if gate.is_mine():
                raise
        failure = await plan.refresh_async(self, gate, seen)
        if failure is not None:
            raise failure
        return await again()

    return decorate


def _classes(exceptions: object) -> tuple[type[BaseException], ...]:
    """What `except` takes. It would say only when it is needed that it takes nothing else, in place of the error at hand."""
    classes = tuple(exceptions) if isinstance(exceptions, tuple | list | set | frozenset) else (exceptions,)
    for each in classes:
        if not (isinstance(each, type) and issubclass(each, BaseException)):
            raise IncorrectParamError(
                f"validate_token(refresh_url, exceptions, callback=None, ...): {each!r} among `exceptions` is no class of "
                "exceptions."
            )
    return classes


class _Gate:
    """Lets one at a time refresh the token of a source; belongs to that source, and is nothing that a copy of it needs.

    Attributes:
        refreshed: how often that was tried. A call that began before the last try has failed with the token before it.
        failure: what was wrong at the last try.
    """

    def __init__(self) -> None:
        self.refreshed = 0
        self.failure: NoToken | None = None
        self._inside: set[object] = set()
        self._lock = threading.Lock()
        self._loop_and_lock: tuple[object, Any] = (None, None)

    def __reduce__(self) -> tuple[Any, ...]:
        return _Gate, ()

    def is_mine(self) -> bool:
        """Whether whoever asks is refreshing at this moment: then it is the new token that is refused, to the callback."""
        return _who() in self._inside

    @contextmanager
    def entered(self) -> Iterator[None]:
        with self._lock, self._marked():
            yield

    @asynccontextmanager
    async def entered_async(self) -> AsyncIterator[None]:
        import asyncio  # noqa: PLC0415 - most sources are not async, and it is slow to import

        # A lock belongs to a loop; a source that is read on another one needs another.
        loop = asyncio.get_running_loop()
        if self._loop_and_lock[0] is not loop:
            self._loop_and_lock = (loop, asyncio.Lock())
        async with self._loop_and_lock[1]:
            with self._marked():
                yield

    @contextmanager
    def _marked(self) -> Iterator[None]:
        who = _who()
        self._inside.add(who)
        try:
            yield
        finally:
            self._inside.discard(who)


def _gate(source: Any) -> _Gate:
    # `setdefault` is one step: of threads that come first, all get the same.
    return cast("_Gate", vars(source).setdefault("_panoply_token_gate", _Gate()))


def _who() -> object:
    """The task that this is called in, or else the thread."""
    asyncio = sys.modules.get("asyncio")
    with suppress(RuntimeError):  # no loop runs in this thread
        task = None if asyncio is None else asyncio.current_task()
        if task is not None:
            return task
    return threading.get_ident()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How the token of a source is refreshed."""

    url: str | Callable[[dict[str, Any]], str]
    callback: str | Callable[[Any], Any] | None
    access_key: str
    refresh_key: str

    def refresh(self, source: Any, gate: _Gate, seen: int) -> TokenValidationException | None:
        """Give the source another token than it had at the try number `seen`, or say why not."""
        callback = self._callback(source)
        with gate.entered():
            if gate.refreshed == seen:
                url, form = self._request(source)
                gate.failure = self._keep(
                    source, url, form if isinstance(form, NoToken) else ask_token_endpoint(url, form)
                )
                if gate.failure is None and callback is not None:
                    try:
                        answered = callback(source.source[self.access_key])
                    except Exception as exc:  # noqa: BLE001 - it may hold the token
                        gate.failure = self._callback_raised(exc)
                    else:
                        if inspect.iscoroutine(answered):
                            answered.close()
                            gate.failure = NoToken(
                                f"the callback {self._name()} is async, and the method that needs it is not"
                            )
                gate.refreshed += 1
            return _failed(gate.failure)

    async def refresh_async(self, source: Any, gate: _Gate, seen: int) -> TokenValidationException | None:
        """The same on an event loop. Only the request is made in another thread."""
        import asyncio  # noqa: PLC0415

        callback = self._callback(source)
        async with gate.entered_async():
            if gate.refreshed == seen:
                url, form = self._request(source)
                answer = form if isinstance(form, NoToken) else await asyncio.to_thread(ask_token_endpoint, url, form)
                gate.failure = self._keep(source, url, answer)
                if gate.failure is None and callback is not None:
                    try:
                        answered = callback(source.source[self.access_key])
                        if inspect.isawaitable(answered):
                            await answered
                    except Exception as exc:  # noqa: BLE001 - it may hold the token
                        gate.failure = self._callback_raised(exc)
                gate.refreshed += 1
            return _failed(gate.failure)

    def _callback(self, source: Any) -> Callable[[Any], Any] | None:
        return getattr(source, self.callback) if isinstance(self.callback, str) else self.callback

    def _request(self, source: Any) -> tuple[str, dict[str, Any] | NoToken]:
        """Where to ask, and what is sent, or why nothing can be."""
        source.log("Refreshing the access token")
        try:
            url = self.url if isinstance(self.url, str) else self.url(source.source)
        except Exception as exc:  # noqa: BLE001 - it may hold what is among the params
            return "", NoToken(f"the function that gives refresh_url raised {type(exc).__name__}")
        settings = source.options.get("refresh")
        if not isinstance(settings, Mapping):
            return url, NoToken(
                'options["refresh"] is missing, which holds what the token endpoint wants to know, such as client_id'
            )
        form = {**settings, self.refresh_key: source.source.get(self.refresh_key)}
        return url, {name: value for name, value in form.items() if value is not None}

    def _keep(self, source: Any, url: str, answer: Mapping[str, Any] | NoToken) -> NoToken | None:
        """Put what was answered into the source, and tell the platform; say what is wrong, if anything is."""
        if isinstance(answer, NoToken):
            return answer
        if answer.get(self.access_key) in (None, ""):
            return NoToken(f"{host_of(url)} answered without {self.access_key!r}")
        # Some servers give a new refresh token, too, and take the old one no more.
        changes = {key: answer[key] for key in (self.access_key, self.refresh_key) if answer.get(key) not in (None, "")}
        source.source.update(changes)
        source.fire("source-change", changes)
        return None

    def _callback_raised(self, exc: Exception) -> NoToken:
        return NoToken(f"the callback {self._name()} raised {type(exc).__name__}")

    def _name(self) -> str:
        named = self.callback if isinstance(self.callback, str) else getattr(self.callback, "__qualname__", None)
        return named or type(self.callback).__qualname__


def _failed(no_token: NoToken | None) -> TokenValidationException | None:
    if no_token is None:
        return None
    do = "Try again later" if no_token.for_now else "The user has to connect the account again"
    return TokenValidationException(
        PanoplyException(no_token.why, retryable=False),
        f"The access token could not be refreshed: {no_token.why}. {do}.",
        # As published, also where the far end fails for now: it was asked three times.
        retryable=False,
    )
