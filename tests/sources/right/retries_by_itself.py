"""urllib3 tries again by itself, and after that a decorator does: what is tried again changes nothing until it succeeds."""

import functools
import time

import panoply
import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


def retry(function):
    @functools.wraps(function)
    def wrapper(*args):
        for attempt in range(2):
            try:
                return function(*args)
            except (requests.ConnectionError, requests.Timeout):
                time.sleep(2**attempt)
        return function(*args)

    return wrapper


class Stream(panoply.DataSource):
    offset = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.session = requests.Session()
        policy = Retry(total=2, status_forcelist=(429, 503), backoff_factor=0.1, respect_retry_after_header=False)
        self.session.mount("http://", HTTPAdapter(max_retries=policy))

    @retry
    def get(self, offset):
        response = self.session.get(
            f"{self.source['url']}/items?offset={offset}&limit=25", auth=("api", self.source["token"]), timeout=30
        )
        if response.status_code == 401:
            raise panoply.PanoplyException("The API refused the token.", retryable=False)
        response.raise_for_status()
        return response.json()

    def read(self, n=None):
        answer = self.get(self.offset)
        if not answer["items"]:
            return None
        self.offset += len(answer["items"])
        self.log("read", self.offset)
        self.progress(self.offset, answer["total"])
        return answer["items"]

    def close(self):
        self.session.close()
