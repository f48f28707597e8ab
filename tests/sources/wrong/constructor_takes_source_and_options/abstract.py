"""An abstract method is left without a body."""

import abc

import panoply

CONFIG = {"title": "Orders", "params": []}


class Paged(panoply.DataSource, abc.ABC):
    @abc.abstractmethod
    def next_page(self): ...

    def read(self, n=None):
        return self.next_page()


class Stream(Paged):
    def get_next_page(self):
        return None
