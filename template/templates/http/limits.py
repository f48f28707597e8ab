# Seconds to wait for each piece of an answer, and to connect: a silent {{ far }} must not hang the collection.
TIMEOUT = httpx.Timeout(10, connect=5)

# What often works a moment later is asked for again: this many times in all, within so many seconds. Then `read()` raises,
# and the platform calls it again.
ATTEMPTS, PATIENCE = 4, 40
SHORT_FAILURES = (429, 500, 502, 503, 504)

# Seconds to wait at most where the {{ far }} says how long, in `Retry-After`.
LONGEST_WAIT = 15
