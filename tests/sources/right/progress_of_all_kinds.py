"""Progress without numbers, with a growing total, with a total of 0, with numbers that are subclasses of int."""

import enum
import threading

import panoply

WARNS = ("log_is_used", "progress_moves_forward")
CONFIG = {"title": "Orders", "params": []}


class Count(int):
    pass


class Size(enum.IntEnum):
    SMALL = 1


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.progress(None, None, "not even listened to yet")

    def read(self, n=None):
        self.number += 1
        if self.number > 4:
            return None
        if self.number == 1:
            self.progress(None, None, "waiting for the export")
        elif self.number == 2:
            self.progress(0, 0, "nothing yet")
            self.progress(Count(3), Count(4), "counted")
            self.progress(Size.SMALL, 1)
        elif self.number == 3:
            self.progress(5, 4 + 1)
            self.progress(2, 10**30)
        else:
            thread = threading.Thread(target=self.progress, args=(10, 10))
            thread.start()
            thread.join()
        return [{"id": self.number}]
