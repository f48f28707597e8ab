"""Parts are fetched in any order; the state is the highest that has arrived."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        done = (source.get("state") or {}).get("highest", -1)
        # The smallest first, as they are there the soonest.
        self.parts = sorted((part for part in range(6) if part > done), key=lambda part: (part * 5 + 2) % 7)
        self.highest = done
        self.count = 6 - len(self.parts)

    def read(self, n=None):
        if not self.parts:
            return None
        part = self.parts.pop(0)
        self.highest = max(self.highest, part)
        self.count += 1
        self.log("part", part)
        self.progress(self.count, 6)
        self.state(f"part {part}", {"highest": self.highest})
        return [{"part": part, "row": row, "__state": f"part {part}"} for row in range(25)]
