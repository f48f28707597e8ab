"""Stream is the submodule that holds the class."""

from . import Stream

__all__ = ["CONFIG", "Stream"]

CONFIG = {"title": "Orders", "params": []}
