"""Params whose names have a credential's words in them, and are none; the real one is masked."""

import panoply

PARAMS = {
    "token_type": "Bearer",
    "password_url": "https://acme.example/reset",
    "primary_key": "id",
    "api_key": "k-77/Lm+402x",
}
CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "token_type", "title": "Type of the token"},
        {"name": "password_url", "title": "Where to reset the password"},
        {"name": "primary_key", "title": "Primary key"},
        {"name": "api_key", "title": "API key", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading, token type", self.source["token_type"])
        self.progress(10, 10, f"key {self.source['primary_key']}")
        return [{self.source["primary_key"]: row} for row in range(10)]
