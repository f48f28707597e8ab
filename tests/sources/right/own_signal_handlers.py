"""It handles signals, an alarm clock among them."""

import signal

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
