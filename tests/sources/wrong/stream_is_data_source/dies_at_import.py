"""It ends the process while it is imported."""

import os

ALSO = ("read_terminates",)

os._exit(3)
