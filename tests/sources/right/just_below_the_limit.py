"""Records of nearly 250 KiB, several of them in one batch, and a raw message that is as large in base64."""

import panoply

CONFIG = {"title": "Documents", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        if self.number == 3:
            return None
        self.number += 1
        self.log("batch", self.number)
        self.progress(self.number, 3)
        if self.number == 3:
            return [self.raw("scans", bytes(range(256)) * 740, {"file": "scan.bin"})]
        return [{"id": 10 * self.number + i, "text": "ü" * 127_500} for i in range(3)]
