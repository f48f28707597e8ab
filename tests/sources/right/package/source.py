import logging

import panoply

log = logging.getLogger(__name__)


def shops(source, options):
    return [{"name": "North", "value": "n"}]


class OrdersSource(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self._pages = iter(range(3))

    def read(self, n=None):
        page = next(self._pages, None)
        if page is None:
            return None
        log.debug("page %d for %s", page, self.source["user"])
        self.progress(page + 1, 3, f"{page + 1} of 3 pages")
        return [{"page": page}]
