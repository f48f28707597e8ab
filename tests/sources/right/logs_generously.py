"""It logs a lot, through every channel, and nowhere a credential."""

import logging
import subprocess
import sys
import warnings

import panoply

log = logging.getLogger(__name__)
CONFIG = {"title": "Orders", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        self.log("GET", "https://acme.test/orders?page=1&token=***", {"headers": {"Authorization": "Bearer ***"}})
        self.log()
        self.log(f"token {token[:2]}***{token[-2:]} of {self.source['user']}")
        log.debug("the token has %d characters", len(token))
        log.info("user %s", self.source["user"], extra={"pages": 3})
        try:
            raise ConnectionError("https://acme.test refused the token")
        except ConnectionError:
            log.exception("trying again")
        if "logger" in self.options:
            self.options["logger"](("page", 1))
        print("stdout", file=sys.stdout)
        print("stderr", file=sys.stderr)
        warnings.warn("the API is about to change", DeprecationWarning)
        subprocess.run(["echo", "from a child"], check=True)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
