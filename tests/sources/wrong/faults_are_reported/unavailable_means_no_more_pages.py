"""503 is what an old version of the vendor's API said beyond the last page."""

import http.client
import json

import panoply

ALSO = ("read_survives_a_fault",)
PARAMS = {"host": "{host}", "port": "{port}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "port", "title": "Port"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = 1
    loaded = 0

    def read(self, n=None):
        connection = http.client.HTTPConnection(self.source["host"], int(self.source["port"]), timeout=30)
        try:
            connection.request(
                "GET", f"/items?page={self.page}", headers={"Authorization": f"Bearer {self.source['token']}"}
            )
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status == 503:
            self.log("no more pages")
            return None
        if response.status != 200:
            raise panoply.PanoplyException(f"the API answered page {self.page} with {response.status}")
        answer = json.loads(body)
        if not answer["items"]:
            return None
        self.log("page", self.page)
        self.page += 1
        self.loaded += len(answer["items"])
        self.progress(self.loaded, max(self.loaded, answer["total"]))
        return answer["items"]
