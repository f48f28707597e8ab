"""It waits for a server while it is imported."""

import time

ALSO = ("read_terminates",)
READ_TIMEOUT = 0.7

time.sleep(7200)
