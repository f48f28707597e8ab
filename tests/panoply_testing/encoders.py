"""What a text may be encoded in on its way into a log line, and hypothesis's texts for it."""

from __future__ import annotations

import base64
import html
import json
import re
import string
from urllib.parse import quote, quote_plus

from hypothesis import strategies as st


def octets(text):
    return text.encode("utf-8", "surrogatepass")


def units(text):
    data = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[place : place + 2], "big") for place in range(0, len(data), 2)]


def lower(text):
    return re.sub("%..", lambda found: found[0].lower(), text)


ENCODERS = {
    "as it is": str,
    "percent": lambda v: quote(v, safe=""),
    "percent, slashes kept": quote,
    "percent, lower case": lambda v: lower(quote(v, safe="")),
    "percent, as a form": quote_plus,
    "percent, as a browser's component": lambda v: quote(v, safe="-_.!~*'()"),
    "percent, as a browser's URL": lambda v: quote(v, safe="-_.!~*'();/?:@&=+$,#"),
    "percent, every byte": lambda v: "".join(f"%{octet:02X}" for octet in octets(v)),
    "percent, every byte, lower case": lambda v: "".join(f"%{octet:02x}" for octet in octets(v)),
    "json": json.dumps,
    "json, not only ascii": lambda v: json.dumps(v, ensure_ascii=False),
    "json, slashes escaped": lambda v: json.dumps(v).replace("/", "\\/"),
    "json, for a page": lambda v: json.dumps(v).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"),
    "json, every character": lambda v: "".join(f"\\u{unit:04x}" for unit in units(v)),
    "repr": repr,
    "repr of a list": lambda v: repr([v]),
    "ascii": ascii,
    "repr of bytes": lambda v: repr(octets(v)),
    "every byte with a backslash": lambda v: "".join(f"\\x{octet:02x}" for octet in octets(v)),
    "html": html.escape,
    "html, ascii": lambda v: html.escape(v).encode("ascii", "xmlcharrefreplace").decode(),
    "html, decimal": lambda v: "".join(f"&#{ord(char)};" for char in v),
    "html, hex": lambda v: "".join(f"&#x{ord(char):x};" for char in v),
    "html, HEX": lambda v: "".join(f"&#x{ord(char):X};" for char in v),
    "base64": lambda v: base64.b64encode(octets(v)).decode(),
    "base64 for URLs": lambda v: base64.urlsafe_b64encode(octets(v)).decode(),
    "base64 without padding": lambda v: base64.b64encode(octets(v)).decode().rstrip("="),
    "hex": lambda v: octets(v).hex(),
    "HEX": lambda v: octets(v).hex().upper(),
}
names = st.sampled_from(sorted(ENCODERS))

# Lone surrogates are left out: no encoder takes them.
characters = st.one_of(
    st.characters(codec="utf-8"),
    st.sampled_from(string.ascii_letters + string.digits),
    st.sampled_from("\"'\\/%&+<>=#; \n\t-_.é日\U0001f511"),
)
values = st.text(characters, min_size=6, max_size=40).map(str.strip).filter(lambda value: len(value) >= 6)
neighbours = st.one_of(st.text(characters, max_size=4), st.sampled_from(["user:", "%", "\\", "&#", "%2", "'", "A"]))
