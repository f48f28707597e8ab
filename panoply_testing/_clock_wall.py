"""Sets the wall clock forward: `time.time`, `localtime`, `datetime.now`, `date.today` and all that goes by them.

time_machine replaces them inside C, so that they stay the very same functions and classes for those who hold them, who
pickle or compare them. It is begun when the clock is first set, as each of these calls is slower from then on.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from panoply_testing import _clock_real as real

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Wall"]


class Wall:
    """The wall clock of this process.

    Args:
        replaced: the functions of `time` that have been replaced, by name.
    """

    def __init__(self, replaced: Mapping[str, Callable[..., Any]]) -> None:
        self._replaced = replaced
        self._traveller: Any = None
        self._frozen = False

    def shift(self, seconds: float) -> None:
        """Have it show a time that many seconds later."""
        if self._traveller is not None:
            self._traveller.shift(seconds)
        elif not self._frozen:
            self._start(seconds)

    def _start(self, seconds: float) -> None:
        import time_machine  # noqa: PLC0415 - a source that never waits does without

        # It writes into the functions that it finds in `time`, and takes for granted that these are C's.
        for name in self._replaced:
            setattr(time, name, getattr(real, name))
        try:
            # A number rather than a datetime: that would bring its time zone along.
            self._traveller = time_machine.travel(time.time() + seconds, tick=True).start()
        except RuntimeError:
            # The project has stopped the wall clock with freezegun. That is what it wants its source to see.
            self._frozen = True
        finally:
            for name, function in self._replaced.items():
                setattr(time, name, function)
        time.time()  # the journey begins when somebody first looks
