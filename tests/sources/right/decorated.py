"""A decorator hides the signature of read."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


def retried(method):
    def wrapper(*args, **kwargs):
        try:
            return method(*args, **kwargs)
        except ConnectionError:
            return method(*args, **kwargs)

    return wrapper


class Stream(panoply.DataSource):
    number = 0

    @retried
    def read(self, n=None):
        self.number += 1
        if self.number == 2:
            raise ConnectionError("reset")
        if self.number > 3:
            return None
        self.progress(self.number, 3)
        return [{"id": self.number}]
