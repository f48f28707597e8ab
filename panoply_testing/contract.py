"""The data source contract: all its checks, in the order in which they are shown."""

from __future__ import annotations

from typing import Final

from panoply_testing.checks import Check, config, construction, credentials, lifecycle, module, progress, reading

__all__ = ["CONTRACT"]

CONTRACT: Final[tuple[Check, ...]] = (
    *module.CHECKS,
    *config.CHECKS,
    *construction.CHECKS,
    *reading.CHECKS,
    *progress.CHECKS,
    *credentials.CHECKS,
    *lifecycle.CHECKS,
)
