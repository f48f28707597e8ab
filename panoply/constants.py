"""The SDK's name, version and limits, under the names that SDK 3.x published them.

Nothing else belongs here: a limit that only one module needs lives in that module.
"""

from __future__ import annotations

from typing import Final

__version__: Final = "4.0.0"
__package_name__: Final = "panoply-python-sdk"

VERSION: Final = __version__
PKGNAME: Final = __package_name__

# Bytes of one message's body. The queue refuses more than 256 KiB for body and attributes together (its default, and the
# most that a queue made before 2025 can be set to); 6 KiB are kept back for the attributes `key`, `secret` and `sdk`.
MAXSIZE: Final = 250 * 1024

# Seconds that a record waits at most for others to share its message.
FLUSH_TIMEOUT: Final = 2.0
