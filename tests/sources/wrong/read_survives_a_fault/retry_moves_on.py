"""What is tried again is the function that also moves on to the next page."""

import functools
import time

import panoply
import requests

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


def retry(times):
    def decorator(function):
        @functools.wraps(function)
        def wrapper(*args):
            for attempt in range(times - 1):
                try:
                    return function(*args)
                except (requests.RequestException, ValueError):
                    time.sleep(0.1 * 2**attempt)
            return function(*args)

        return wrapper

    return decorator


class Stream(panoply.DataSource):
    offset = 0
    loaded = 0

    @retry(3)
    def next_page(self):
        offset, self.offset = self.offset, self.offset + 25
        response = requests.get(
            self.source["url"] + "/items",
            {"offset": offset, "limit": 25},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=10,
        )
        response.raise_for_status()
        return response.json()

    def read(self, n=None):
        answer = self.next_page()
        self.log("offset is now", self.offset)
        if not answer["items"]:
            return None
        self.loaded += len(answer["items"])
        self.progress(self.loaded, max(self.loaded, answer["total"]))
        return answer["items"]
