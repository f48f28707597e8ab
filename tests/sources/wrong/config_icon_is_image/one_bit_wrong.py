"""A PNG in whose pixels one byte was changed: neither their checksum nor their compression is right any more."""

import base64

import panoply

PNG = bytearray(
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAwAAAAMCAIAAADZF8uwAAAAgElEQVR4nIXKsQ3CQBSD4T9XZojzDlRvAoZgBApGoGAEioxAwQgU1K7Y4TFEWiiQEIrCnRvb"
        "0jfAy1U0U1wVc3YQ4FExtlz5lGdF/evKd/mp2Ky78nv8UGxXXFl83xS7pVsiwBfFITsI8Flxyg4CfFRM2UGA94prAoNrbTgg7vkGKlIivizvS3gAAAAASUVORK5CYII="
    )
)
PNG[70] ^= 0xFF
CONFIG = {"title": "Shop", "icon": "data:image/png;base64," + base64.b64encode(PNG).decode(), "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
