"""The icon is WebP."""

import panoply

ICON = (
    "data:image/webp;base64,"
    "UklGRoQCAABXRUJQVlA4IHgCAAAQEQCdASowADAAPrFIoUmnJCOhKrqtUOAWCWwAnTKEcDeZ/kB7AlLfkn3ow/j8P7f/QB4M"
    "fUA8wH6x/sB2APQA/wH+Z6wD0AP2A9LL2XP20/bH4AP1l//91AoqrcBj2fcvetegB+kpE1x6iaGL0w2piYP7naybB3VRoeR7"
    "aqmJ8Ub/xnYigjzyl8C3DZzjDXfAAP74zln/fyiXrOCC0AJhucERbIBSp73goHHr0NV7AN4Jj1KvOao1ki32AI/fLeM9H95a"
    "aOX9qo0gutiCfngyksT96PCzkhym/bNJ45dfNPsZkejE7GPMY5vcYssIA0wKS/P/zFne234jhRBnajEQzdybn5jj3bDbIhK0"
    "rql9UFXWkND2Fmr6LeTWHcruw5DCazjW+UnKXQHk2LPSRe3b4D+oq+1+fzLoCQ+0uDq5/+gzJX9UTJKPAB3qe0mr9ZLOnpiA"
    "0P4AjaS3Jo7apGeeSHWjsW6MiGD5XFURvIyjrUN9s4M8njC6VIpSX2DluBI/XK4kS2AxXl7JQFQCxSXzSflPDtpdVd30bUjt"
    "oC4h7tCggYHEeqm8QS2Yezu/y8H843/nUtHh1QnqdEl5DpVVu2WQxNcCzmaj4rno9Yjo0kkPGgYQQUN3EoTpUce2uxmJhaet"
    "1I/N8tZxe64KE6x/Xvdhg7xOfZ9t8SOhWWJHOAoBR+UxDRwAnrBroSgPoPr/SZHE4jB9PVr9WBPHnNlxy7pVMLQ1WX5yiyN7"
    "OgpF8oufM9S0YqIrhn0wP0idy9x/13f4JbxctCIg7MmxogCj1XAQBHG1a0eVB7v6E48YUJmu2WZgD/muzKL55mkxD2mILIHY"
    "XIAAAA=="
)
CONFIG = {"title": "Orders", "params": [], "icon": ICON}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1}, {"id": 2}]

    def read(self, n=None):
        if not self.rows:
            return None
        rows, self.rows = self.rows, []
        self.log("read", len(rows), "orders")
        self.progress(2, 2, "orders read")
        return rows
