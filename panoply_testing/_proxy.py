"""A process that stands between a native driver and its far end.

What a driver does in C cannot be seen from Python, but its bytes can, on their way. The process serves one run of a source;
it ends with the process that started it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from panoply_testing._exchanges import Exchanges
from panoply_testing._relay import Relay

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from panoply_testing.faults import Fault

__all__ = ["ProxyEnd", "proxy_between"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyEnd:
    """What the observed process gets of the proxy.

    Attributes:
        control: the descriptor at which to ask it.
        ports: for each address, the port of this machine that leads there.
    """

    control: int
    ports: Mapping[str, int]


@contextlib.contextmanager
def proxy_between(
    addresses: tuple[str, ...], fault: Fault | None, *, fork: Callable[[], int] = os.fork
) -> Iterator[ProxyEnd]:
    """A proxy for these addresses, as long as the context lasts.

    Args:
        addresses: the far ends, "10.0.0.5:5432" or "[::1]:5432".
        fault: what goes wrong.
        fork: makes a process.
    """
    with contextlib.ExitStack() as stack:
        listeners = {stack.enter_context(_listener()): address for address in addresses}
        ours, theirs = map(stack.enter_context, socket.socketpair())
        ports = {address: listener.getsockname()[1] for listener, address in listeners.items()}
        parent = os.getpid()
        pid = fork()
        if pid == 0:
            # Or it would never see that nobody is left to ask.
            ours.close()
            _be_the_proxy(listeners, theirs, fault, parent)
        # Whoever connects from now on is answered by the proxy, or by nobody.
        for each in (*listeners, theirs):
            each.close()
        try:
            yield ProxyEnd(control=ours.fileno(), ports=ports)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _listener() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    listener.setblocking(False)  # noqa: FBT003 - as the library has it
    return listener


def _be_the_proxy(
    listeners: dict[socket.socket, str], control: socket.socket, fault: Fault | None, parent: int
) -> NoReturn:
    """Everything on the other side of the fork. Ends the process, whatever happens."""
    try:
        # What the parent has left lying about is the parent's to clear away.
        gc.freeze()
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 0)
        Relay(listeners, control, Exchanges(fault)).run(parent)
    except BaseException:  # noqa: BLE001 - a fault of the kit: the observed process says so
        with contextlib.suppress(OSError):
            control.setblocking(True)  # noqa: FBT003 - as above
            control.sendall(json.dumps({"failed": traceback.format_exc()}).encode() + b"\n")
    finally:
        os._exit(0)
