"""SDK 2: mixins before and after the base class, keyword arguments, and an abstract class of its own between."""

from abc import ABC, abstractmethod

import panoply

TABLES = {"crm": 3}


class LogMixin:
    def log(self, *msgs):
        super().log("[crm]", *msgs)


class Paginated(panoply.DataSource, ABC):
    page = 0

    def __init__(self, source, options, *args, **kwargs):
        super().__init__(source, options, *args, **kwargs)
        self.source.setdefault("destination", "crm")

    @abstractmethod
    def pages(self):
        """All of them"""

    def read(self, n=None):
        pages = self.pages()
        if self.page == len(pages):
            return None
        self.page += 1
        self.report(self.page, len(pages))
        return pages[self.page - 1]


class ReportMixin:
    def report(self, loaded, total):
        self.log("page", loaded)
        self.progress(loaded=loaded, total=total, msg=self.message.format(loaded, total))


class Crm(LogMixin, Paginated, ReportMixin):
    message = "{} of {}"

    def pages(self):
        return [[{"id": 1}, {"id": 2}], [{"id": 3}]]


Stream = Crm
CONFIG = {"title": "CRM", "params": []}
