"""What it changes for a moment at import, it puts back."""

import contextlib
import io
import os
import signal
import socket
import warnings

import panoply

CONFIG = {"title": "Orders", "params": []}

handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
os.environ["ORDERS_SETUP"] = "1"
socket.setdefaulttimeout(3)
with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()) as output:
    warnings.simplefilter("ignore")
    print("nobody hears this")
    import xml.dom.minidom
socket.setdefaulttimeout(None)
del os.environ["ORDERS_SETUP"]
signal.signal(signal.SIGINT, handler)


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        self.log("reading", output.getvalue())
        if self.done:
            return None
        self.done = True
        self.progress(1, 1)
        return [{"id": xml.dom.minidom.parseString("<id>1</id>").documentElement.firstChild.data}]
