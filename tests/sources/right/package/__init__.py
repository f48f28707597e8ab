"""A package, whose class is in a module of its own."""

from .config import CONFIG
from .source import OrdersSource as Stream

__all__ = ["CONFIG", "Stream"]
