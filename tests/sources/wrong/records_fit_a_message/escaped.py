"""A text that is small as it is grows sixfold where its control characters are escaped."""

import panoply

CONFIG = {"title": "Terminal sessions", "params": []}


class Stream(panoply.DataSource):
    sessions = None

    def read(self, n=None):
        if self.sessions is None:
            self.sessions = ["ls\n" * 20, "\x1b[0m" + "\x00" * 100_000]
        if not self.sessions:
            return None
        session = self.sessions.pop(0)
        self.log("session of", len(session))
        self.progress(2 - len(self.sessions), 2)
        return [{"screen": session}]
