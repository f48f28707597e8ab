"""A file is cut into raw messages of 240 KiB, which base64 makes a third larger."""

import panoply

CONFIG = {"title": "Files", "params": []}


class Stream(panoply.DataSource):
    position = 0
    content = bytes(range(256)) * 2400

    def read(self, n=None):
        piece = self.content[self.position : self.position + 240 * 1024]
        if not piece:
            return None
        self.position += len(piece)
        self.log("piece of", len(piece), "bytes")
        self.progress(self.position, len(self.content))
        return [self.raw("export", piece, {"file": "export.bin"})]
