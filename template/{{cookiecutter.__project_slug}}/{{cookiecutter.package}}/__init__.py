"""A Panoply data source: `CONFIG` is the form that people fill in, `Stream` reads what they chose."""

from .config import CONFIG
from .source import Stream

__all__ = ["CONFIG", "Stream"]
