"""What the package needs, and everybody gets."""

import logging

NAME = "orders"
logging.getLogger().setLevel(logging.WARNING)
