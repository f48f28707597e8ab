"""Its credentials are so short or so ordinary that any text holds them."""

import panoply

PARAMS = {"token": "test", "password": "12345", "client_secret": "password", "apiKey": "", "user": "ada"}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log("a test with the password and 12345 rows of user ada")
        return None
