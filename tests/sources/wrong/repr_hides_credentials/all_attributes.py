"""repr() shows all attributes, and one of them is the source."""

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    part = 0

    def __repr__(self):
        return f"{type(self).__name__}({', '.join(f'{key}={value!r}' for key, value in self.__dict__.items())})"

    async def read(self, n=None):
        if self.part == 3:
            return None
        self.part += 1
        self.log("part", self.part)
        self.progress(self.part, 3)
        return [{"part": self.part, "row": row} for row in range(20)]
