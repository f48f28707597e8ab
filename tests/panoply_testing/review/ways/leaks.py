"""The ways in which a credential gets out of a source."""

from __future__ import annotations

from ways._making import SOURCE, Ways, append, at_top, edit, in_constructor, in_read, method, way, write

_PRINTS = 'self.log("asking with", _header(self.source))'

WAYS = {
    "credentials_stay_inside": Ways(
        broken=(
            way(
                "the token goes through two helpers into an f-string",
                append(
                    SOURCE,
                    '\n\ndef _token_of(params):\n    return params["token"]\n\n\ndef _header(params):\n    return f"Bearer {_token_of(params)}"\n',
                ),
                in_read(_PRINTS),
            ),
            way("all params are logged", in_read('self.log("reading with", self.source)')),
            way(
                "it is in the message of an exception",
                in_read(
                    'if self.source["token"].isdigit():\n    raise ValueError("%s is no token" % self.source["token"])'
                ),
            ),
            way(
                "logging, with a format of its own",
                at_top("import logging\n\nLOGGER = logging.getLogger(__name__)"),
                in_read('LOGGER.info("token=%s, rows=%d", self.source["token"], len(batch))'),
            ),
            way(
                "a helper in another module",
                write(
                    "shop/urls.py",
                    '"""Addresses."""\n\n\ndef signed(params, path):\n    """Give the address with its signature."""\n    return "{}?key={}".format(path, params.get("token"))\n',
                ),
                in_read('from .urls import signed\n\nself.log("GET", signed(self.source, "/rows"))'),
            ),
            way(
                "it is written to a file, as JSON",
                in_read(
                    'if self.source.get("region") == "kept":\n    import json\n    from pathlib import Path\n\n    Path("shop.json").write_text(json.dumps(dict(self.source)), encoding="utf-8")'
                ),
            ),
            way(
                "it is an argument of a process",
                in_read(
                    'import subprocess\nimport sys\n\nsubprocess.run([sys.executable, "-c", "0", "--token", self.source["token"]], check=True, timeout=60)'
                ),
            ),
            way(
                "it is kept in an attribute, and shown by repr",
                in_constructor('self._token = source.get("token")'),
                method('def __repr__(self):\n    return f"Stream({self._token})"'),
                in_read("self.log(repr(self))"),
            ),
            way(
                "encoded, as a header has it",
                in_read(
                    'import base64\n\nheader = base64.b64encode(f"shop:{self.source[\'token\']}".encode()).decode()\nself.log("Authorization: Basic " + header)'
                ),
            ),
            way(
                "it is in a message of progress",
                edit(SOURCE, '3, "numbers")', '3, "numbers for " + self.source["token"])'),
            ),
            way("the first half of it", in_read("self.log(f\"token {self.source['token'][:-2]}**\")")),
        ),
        kept=(
            way("its last four characters", in_read('self.log("token ends in", self.source["token"][-4:])')),
            way(
                "its length, and whether it is there",
                in_read('self.log(len(self.source["token"]), bool(self.source["token"]))'),
            ),
            way(
                "a fingerprint",
                in_read('import hashlib\n\nself.log(hashlib.sha256(self.source["token"].encode()).hexdigest()[:8])'),
            ),
            way("another param is logged", in_read('self.log("in", self.source.get("region"))')),
            way(
                "what is logged is masked before",
                in_read(
                    'shown = {key: "***" if key == "token" else value for key, value in self.source.items()}\nself.log("params", shown)'
                ),
            ),
            way(
                "a file that is gone afterwards, for a library that wants one",
                in_read(
                    'import tempfile\n\nwith tempfile.NamedTemporaryFile("w") as file:\n    file.write(self.source["token"])'
                ),
            ),
            way(
                "a token of another kind: that of a page",
                in_read('page_token = f"page-{len(batch)}"\nself.log("next", page_token)'),
            ),
        ),
    ),
}
