"""This SDK, by its public names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panoply
from benchmarks.rivals import APIKEY, APISECRET

if TYPE_CHECKING:
    from benchmarks.far_end import FarEnd

__all__ = ["ThisSDK", "connect"]


class ThisSDK:
    """`panoply.SDK`; its `write` itself is what is timed."""

    def __init__(self, url: str, **options: Any) -> None:
        self._sdk = panoply.SDK(APIKEY, APISECRET, endpoint_url=url, **{"max_in_flight": 4, **options})
        self.write = self._sdk.write

    def settle(self) -> None:
        """Wait until all is in the queue."""
        self._sdk.flush()

    def close(self) -> None:
        """Wait until all is in the queue, and end."""
        self._sdk.close()


def connect(far_end: FarEnd, url: str, **options: Any) -> ThisSDK:
    """Connect it. For TLS, the cell's AWS_CA_BUNDLE names the certificate, as a user would."""
    del far_end
    return ThisSDK(url, **options)
