"""A batch has rows of two tables; those of the second have no id."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.week = (source.get("state") or {}).get("week", 0)

    def read(self, n=None):
        if self.week == 5:
            return None
        self.week += 1
        state_id = f"week-{self.week}"
        orders = [{"week": self.week, "order": i, "__state": state_id} for i in range(20)]
        refunds = [{"week": self.week, "refund": i} for i in range(0, 20, 7)]
        self.state(state_id, {"week": self.week})
        self.log(state_id)
        self.progress(self.week, 5)
        return orders + refunds
