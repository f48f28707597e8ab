"""In which form the methods of a socket hand over what they receive: as bytes, in a buffer, in several, with an address."""

from __future__ import annotations

from typing import Any, Final, Protocol, TypeVar

__all__ = ["PLAIN", "Into", "IntoSeveral", "Plain", "Shape", "Tupled"]

T = TypeVar("T")


class Shape(Protocol[T]):
    """How to read and to write what a method gives."""

    def look(self, result: T) -> bytes | memoryview:
        """The bytes in what the method gave."""
        ...

    def give(self, data: bytes) -> T:
        """These bytes, as the method gives them."""
        ...

    def first(self, result: T, size: int) -> T:
        """The same with no more than the first bytes."""
        ...


class Plain:
    """recv: bytes."""

    @staticmethod
    def look(result: bytes) -> bytes:
        """They are it."""
        return result

    @staticmethod
    def give(data: bytes) -> bytes:
        """They are it."""
        return data

    @staticmethod
    def first(result: bytes, size: int) -> bytes:
        """No more than `size` of them."""
        return result[:size]


class Into:
    """recv_into: a number of bytes, which are in the caller's buffer."""

    __slots__ = ("_buffer",)

    def __init__(self, buffer: Any) -> None:
        # As it is: a view of it would keep its owner from changing its size.
        self._buffer = buffer

    def look(self, result: int) -> memoryview:
        """The bytes that were put there."""
        return memoryview(self._buffer).cast("B")[:result]

    def give(self, data: bytes) -> int:
        """Put bytes there."""
        memoryview(self._buffer).cast("B")[: len(data)] = data
        return len(data)

    @staticmethod
    def first(result: int, size: int) -> int:
        """No more than `size` of them."""
        return min(result, size)


class IntoSeveral:
    """recvmsg_into: as `Into`, over several buffers."""

    __slots__ = ("_buffers",)

    def __init__(self, buffers: list[Any]) -> None:
        self._buffers = buffers

    def look(self, result: int) -> bytes:
        """The bytes that were put there."""
        return b"".join(self._buffers)[:result]

    def give(self, data: bytes) -> int:
        """Put bytes there, one buffer after the other."""
        left = data
        for buffer in self._buffers:
            view = memoryview(buffer).cast("B")
            size = min(len(view), len(left))
            view[:size], left = left[:size], left[size:]
        return len(data)

    @staticmethod
    def first(result: int, size: int) -> int:
        """No more than `size` of them."""
        return min(result, size)


class Tupled:
    """recvfrom, recvmsg and their like: one of the above, with more behind it.

    Args:
        inner: how the first part is to be read.
        more: what stands behind it where nothing was received.
    """

    __slots__ = ("_inner", "_more")

    def __init__(self, inner: Shape[Any], more: tuple[Any, ...]) -> None:
        self._inner = inner
        self._more = more

    def look(self, result: tuple[Any, ...]) -> bytes | memoryview:
        """The bytes in the first part."""
        return self._inner.look(result[0])

    def give(self, data: bytes) -> tuple[Any, ...]:
        """These bytes, and nothing to say about them."""
        return (self._inner.give(data), *self._more)

    def first(self, result: tuple[Any, ...], size: int) -> tuple[Any, ...]:
        """The same with no more than the first bytes."""
        return (self._inner.first(result[0], size), *result[1:])


PLAIN: Final = Plain()
