"""SDK 1.6: an OAuth token, refreshed by a single class of exceptions; the callback's name is given by position."""

import urllib.error
import urllib.request

import panoply

REFRESH_URL = "http://127.0.0.1/oauth/token"

TABLES = {"drive": 2}


class Drive(panoply.DataSource):
    def __init__(self, *args, **kwargs):
        super(Drive, self).__init__(*args, **kwargs)
        self.source["destination"] = self.source.get("destination") or "drive"
        self._left = 2
        self._service = None
        self._init_service(self.source.get("access_token"))

    def _init_service(self, token=None):
        self._service = {"Authorization": "Bearer {}".format(token)}

    @panoply.validate_token(REFRESH_URL, urllib.error.HTTPError, "_init_service")
    def read(self, n=None):
        if not self._left:
            return None
        request = urllib.request.Request(self.source["api"] + "/files", headers=self._service)
        with urllib.request.urlopen(request, timeout=10) as response:
            content = response.read().decode()
        self._left -= 1
        self.progress(2 - self._left, 2, "files")
        self.log("Read {} bytes".format(len(content)))
        return [{"content": content}]


Stream = Drive
CONFIG = {"title": "Drive", "params": [{"name": "access_token", "type": "oauth"}]}
