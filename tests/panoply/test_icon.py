"""What is seen in CONFIG's icon, and what is said of it."""

from __future__ import annotations

import base64
import io
import logging
import struct
import sys
import warnings
import zlib
from urllib.parse import quote

import PIL.Image
import pytest

from panoply._icon_look import MOST_BYTES, MOST_PIXELS, icon_facts
from panoply.config import check_config
from panoply_testing.checks.config import icon_is_image

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
MEDIA = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WebP": "image/webp", "BMP": "image/bmp"}


def picture(kind: str, width: int = 64, height: int = 64) -> bytes:
    pixels = bytes((7 * x * x + 11 * y) % 256 for y in range(height) for x in range(width))
    file = io.BytesIO()
    PIL.Image.frombytes("L", (width, height), pixels).convert("RGB").save(file, kind.upper())
    return file.getvalue()


def flat(width: int, height: int) -> bytes:
    """A picture that takes few bytes."""
    file = io.BytesIO()
    PIL.Image.new("1", (width, height)).save(file, "PNG")
    return file.getvalue()


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, *further: bytes) -> bytes:
    """A PNG that says it has so many pixels, and holds a few."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    data = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"".join([b"\x89PNG\r\n\x1a\n", header, *further, data, chunk(b"IEND", b"")])


def url(data: bytes, media: str = "image/png") -> str:
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


def facts(icon: object):
    return icon_facts({"title": "Orders", "params": [], "icon": icon})


def svg(text: str):
    return facts(f"data:image/svg+xml,{quote(text)}")


@pytest.mark.parametrize("kind", MEDIA)
def test_an_icon_is_opened_as_what_it_names_and_is(kind):
    found = facts(url(picture(kind, 64, 48), MEDIA[kind]))
    assert (found.problem, found.kind, found.width, found.height) == ("", kind, 64, 48)
    assert found.size == len(picture(kind, 64, 48))
    assert icon_is_image(found).looked_at == f"{kind} of 64 by 48 pixels, {found.size:,} bytes"


@pytest.mark.parametrize("kind", MEDIA)
@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_an_icon_that_breaks_off_is_told_of_wherever_it_does(kind, share):
    data = picture(kind)
    found = facts(url(data[: int(len(data) * share)], MEDIA[kind]))
    if (kind, share) == ("JPEG", 0.2):  # not even its tables are there
        assert (found.problem, found.found) == ("broken", "a JPEG that is damaged or incomplete")
    else:
        assert (found.problem, found.found) == ("truncated", f"a {kind} that breaks off before the picture is complete")
    assert icon_is_image(found).findings


def test_a_png_that_lacks_nothing_but_its_last_bytes_is_a_whole_picture():
    assert not facts(url(picture("PNG")[:-4])).problem


def test_a_damaged_pixel_is_noticed():
    data = bytearray(picture("PNG"))
    data[data.index(b"IDAT") + 30] ^= 0x55
    assert facts(url(bytes(data))).problem == "broken"


@pytest.mark.parametrize("kind", MEDIA)
def test_an_icon_of_another_type_than_it_names_is_told_what_it_is(kind):
    other = "image/gif" if kind == "PNG" else "image/png"
    found = facts(url(picture(kind), other))
    assert found.found == f"{other} by name, but a {kind} by its bytes"
    (finding,) = icon_is_image(found).findings
    assert f'"data:{MEDIA[kind]}"' in finding.fix


def test_a_type_that_browsers_do_not_show_is_told_of():
    assert facts(url(b"II*\0", "image/tiff")).found == "image/tiff by name, which is no image that browsers show"


@pytest.mark.parametrize(
    ("icon", "found"),
    [
        ("icons/orders.png", "no data URL: 'icons/orders.png' (str)"),
        ("data:text/plain,orders", "a data URL of the media type 'text/plain'"),
        ("data:image/png;base64,iVBORw0KG", "a data URL whose base64 does not decode"),
        (b"\x89PNG", "no text, but of type bytes"),
        (7, "no text, but of type int"),
    ],
)
def test_what_is_no_data_url_is_told_of(icon, found):
    assert (facts(icon).problem, facts(icon).found) == ("form", found)
    assert icon_is_image(facts(icon)).findings


@pytest.mark.parametrize("config", [{}, {"icon": None}, None, [], "CONFIG", object()])
def test_no_icon_is_skipped_with_a_warning(config):
    assert icon_facts(config) is None
    verdict = icon_is_image(None)
    assert verdict.skip is not None
    assert verdict.skip.startswith("CONFIG has no icon.")
    assert verdict.notes


def test_an_empty_icon_is_skipped_with_a_warning():
    verdict = icon_is_image(facts(""))
    assert verdict.skip is not None
    assert verdict.skip.startswith("CONFIG has an empty icon.")
    assert verdict.notes


def test_a_subclass_of_dict_is_read_without_running_its_code():
    class Config(dict):
        def get(self, *_):
            raise AssertionError

        __getitem__ = __contains__ = get

    assert icon_facts(Config(icon=url(picture("PNG")))).kind == "PNG"


@pytest.mark.parametrize("side", [4097, 12_000, 2**31 - 1])
def test_an_icon_that_unpacks_into_too_much_is_not_unpacked(side):
    found = facts(url(png_of(side, side)))
    assert (found.problem, found.found) == ("huge", f"a PNG that unpacks into more than {MOST_PIXELS:,} pixels")
    assert "Scale it down" in icon_is_image(found).findings[0].fix


def test_a_huge_picture_inside_of_an_icon_file_is_not_unpacked_either():
    inner = png_of(50_000, 50_000)
    data = struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 32, 32, 0, 0, 1, 32, len(inner), 22) + inner
    assert facts(url(data, "image/x-icon")).problem == "huge"


def test_a_text_that_unpacks_into_too_much_is_not_unpacked():
    text = chunk(b"zTXt", b"comment\0\0" + zlib.compress(bytes(8_000_000)))
    assert facts(url(png_of(32, 32, text))).problem == "huge"


def test_more_bytes_than_any_icon_has_are_not_looked_at():
    data = picture("PNG")
    assert facts(url(data + bytes(MOST_BYTES))).found == f"{len(data) + MOST_BYTES:,} bytes"
    assert facts("data:image/png," + "%00" * (MOST_BYTES + 1)).problem == "huge"


def test_looking_at_an_icon_leaves_nothing_behind(caplog, monkeypatch):
    caplog.set_level(1)
    logging.getLogger("PIL").setLevel(logging.DEBUG)
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 12345)
    large = flat(3500, 3500)  # of which Pillow would warn
    for icon in (picture("PNG"), large, b"\x89PNG\r\n\x1a\nno"):
        before = warnings.filters[:]
        assert facts(url(icon)).problem == ("broken" if icon.endswith(b"no") else "")
        assert warnings.filters == before
    assert not caplog.records
    assert logging.getLogger("PIL").level == logging.DEBUG
    assert PIL.Image.MAX_IMAGE_PIXELS == 12345
    logging.getLogger("PIL").setLevel(logging.NOTSET)


def test_an_icon_is_not_judged_where_the_library_cannot_read_it(monkeypatch):
    monkeypatch.setattr("PIL.features.check", lambda feature: feature != "webp")
    found = facts(url(picture("WebP"), "image/webp"))
    assert (found.problem, found.found) == ("unseen", "the installed Pillow cannot read a WebP")
    assert "cannot read a WebP" in str(icon_is_image(found).skip)


@pytest.mark.parametrize(
    ("width", "height", "words"),
    [(16, 16, "coarse"), (600, 600, "512 by 512 the most"), (300, 60, "square"), (64, 64, None), (300, 200, None)],
)
def test_an_icon_of_an_odd_size_is_a_note_and_no_more(width, height, words):
    verdict = icon_is_image(facts(url(picture("PNG", width, height))))
    assert not verdict.findings
    assert (words is None) == (not verdict.notes)
    assert words is None or words in " ".join(verdict.notes)


@pytest.mark.parametrize(
    "text",
    [
        f"<svg xmlns='{SVG}'/>",
        f"<?xml version='1.0' encoding='iso-8859-1'?><!-- icon --><svg xmlns='{SVG}'><g><path d='M0 0'/></g></svg>",
        f"<s:svg xmlns:s='{SVG}'/><!--<svg-->",
        f"<!DOCTYPE svg [<!ENTITY ns '{SVG}'>]><svg xmlns='&ns;'/>",
    ],
)
def test_svg_is_read_as_xml(text):
    found = svg(text)
    assert (found.problem, found.found, found.kind, found.notes) == ("", "", "SVG", ())


def test_svg_in_two_bytes_a_character_is_svg():
    data = f"<svg xmlns='{SVG}'/>".encode("utf-16")
    assert not facts(url(data, "image/svg+xml")).problem


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<svg", "XML that is not well-formed (unclosed token, line 1)"),
        ("<svg>\n<g></svg>", "XML that is not well-formed (mismatched tag, line 2)"),
        ("<svg>&nbsp;</svg>", "XML that is not well-formed (undefined entity, line 1)"),
        ("<html><svg/></html>", "XML whose root is <html>"),
        ("<?xml version='1.0' encoding='nobody'?><svg/>", "XML in an encoding that nobody knows"),
    ],
)
def test_what_is_no_svg_is_told_of(text, found):
    assert (svg(text).problem, svg(text).found) == ("xml", found)


@pytest.mark.parametrize(
    "entities",
    [
        "<!ENTITY a 'orders'><!ENTITY b '&a;&a;&a;'>",
        f"<!ENTITY b '{'x' * 3000}'>",
        "".join(f"<!ENTITY b{number} '{'x' * 100}'>" for number in range(30)),
        "<!ENTITY % a 'orders'><!ENTITY b '&#37;a;&#38;b;'>",
    ],
)
def test_entities_that_grow_are_not_unpacked(entities):
    found = svg(f"<!DOCTYPE svg [{entities}]><svg xmlns='{SVG}'>&b;</svg>")
    assert found.problem == "entities"
    assert "plain SVG" in icon_is_image(found).findings[0].fix


DOWN = base64.b64encode(f"<svg xmlns='{SVG}'><script/></svg>".encode()).decode()


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<script xlink:href='a.js'/>",
        "<h:script/>",
        "<g onload='alert(1)'/>",
        "<g ONLOAD='alert(1)'/>",
        "<a href='javascript:alert(1)'/>",
        "<a xlink:href=' java&#10;script:alert(1)'/>",
        "<a href='data:text/html,no'/>",
        "<animate attributeName='href' values='#a; javascript:alert(1)'/>",
        "<set attributeName='href' to='javascript:alert(1)'/>",
        "<foreignObject><h:iframe src='javascript:alert(1)'/></foreignObject>",
        f"<image href='data:image/svg+xml;base64,{DOWN}'/>",
        "<listener event='click'/>",
    ],
)
def test_svg_with_a_script_is_refused(inside):
    found = svg(f"<svg xmlns='{SVG}' xmlns:xlink='{XLINK}' xmlns:h='http://www.w3.org/1999/xhtml'>{inside}</svg>")
    assert found.problem == "scripts"
    assert "plain SVG" in icon_is_image(found).findings[0].fix


@pytest.mark.parametrize(
    "inside",
    [
        "<image href='https://a.io/icon.png'/>",
        "<image xlink:href='icon.png'/>",
        "<image href='file:///tmp/icon.png'/>",
        "<use href='//a.io/icon.svg#a'/>",
        "<set attributeName='href' to='https://a.io/'/>",
        "<rect fill='url(https://a.io/a.svg#a)'/>",
        "<rect style='fill: url( \"a.svg#a\" )'/>",
        "<rect style='fill: u\\72 l(a.svg#a)'/>",
        "<style>@import 'a.css';</style>",
        "<style>/* url(#a) */ rect { fill: URL(/**/a.svg#a) }</style>",
        "<style><![CDATA[@font-face { src: url(a.woff) }]]></style>",
        "<foreignObject><h:img src='a.png'/></foreignObject>",
    ],
)
def test_svg_that_refers_to_what_lies_elsewhere_is_refused(inside):
    found = svg(f"<svg xmlns='{SVG}' xmlns:xlink='{XLINK}' xmlns:h='http://www.w3.org/1999/xhtml'>{inside}</svg>")
    assert found.problem == "references"
    assert icon_is_image(found).findings


def test_a_style_sheet_or_an_entity_in_another_file_is_refused_and_not_fetched(tmp_path):
    (tmp_path / "secret").write_text("<g>", encoding="utf-8")  # were it read, it would break the rest
    entity = f"<!ENTITY there SYSTEM '{(tmp_path / 'secret').as_uri()}'>"
    assert svg(f"<!DOCTYPE svg [{entity}]><svg xmlns='{SVG}'>&there;</svg>").problem == "references"
    assert svg(f"<?xml-stylesheet href='a.css'?><svg xmlns='{SVG}'/>").problem == "references"


@pytest.mark.parametrize(
    "inside",
    [
        "<defs><linearGradient id='a'/></defs><rect fill='url(#a)' style='stroke: url(\"#a\")'/><use xlink:href='#a'/>",
        "<image href='data:image/png;base64,iVBORw0KGgo='/>",
        "<image href='data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22/%3E'/>",
        "<style>@namespace url(http://www.w3.org/2000/svg); @font-face { src: url(data:font/woff2;base64,AAAA) }</style>",
        "<a href='https://a.io/'><title>url(https://a.io) javascript:</title></a>",
        "<metadata><r:RDF xmlns:r='http://r/'><r:Work r:about='' href='http://a.io' onload='x'/></r:RDF></metadata>",
        "<text aria-label='url(a) and image(b)'>@import</text>",
        "<animate attributeName='fill' values='red;#fff' to='blue'/>",
    ],
)
def test_what_svg_is_made_of_is_no_reference(inside):
    found = svg(
        "<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd'>"
        f"<svg xmlns='{SVG}' xmlns:xlink='{XLINK}'>{inside}</svg>"
    )
    assert (found.problem, found.found) == ("", "")


def test_pictures_within_pictures_end_somewhere():
    inner = f"<svg xmlns='{SVG}'/>"
    for _ in range(5):
        inner = f"<svg xmlns='{SVG}'><image href='data:image/svg+xml;base64,{base64.b64encode(inner.encode()).decode()}'/></svg>"
    assert svg(inner).problem == "references"


def test_a_style_sheet_that_grows_by_its_entities_is_not_unpacked():
    text = "&a;" * 1000
    entity = f"<!ENTITY a '{'x' * 2000}'>"
    assert svg(f"<!DOCTYPE svg [{entity}]><svg xmlns='{SVG}'><style>{text}</style></svg>").problem == "entities"


def test_svg_without_its_name_space_is_a_note():
    (note,) = icon_is_image(svg("<svg/>")).notes
    assert f'xmlns="{SVG}"' in note


# ---------------------------------------------------------------------- in a check of CONFIG


def findings(icon: str, **settings) -> list[tuple[str, str]]:
    config = {
        "title": "A",
        "params": [],
        "icon": icon,
        "categories": ["a"],
        "keywords": ["a"],
        "createdAt": "2020-01-01",
    }
    return [(f.level, f.found) for f in check_config(config, **settings) if f.path == "icon"]


CUT = picture("PNG")[:-200]


@pytest.mark.parametrize(
    ("icon", "level", "found"),
    [
        (url(picture("PNG")), "", ""),
        (url(flat(32, 32)), "", ""),
        (url(flat(512, 512)), "", ""),
        (url(picture("PNG")[:20]), "error", "a PNG that is damaged or incomplete"),
        (url(CUT), "warning", "a PNG that breaks off before the picture is complete"),
        (url(png_of(9000, 9000)), "error", f"a PNG that unpacks into more than {MOST_PIXELS:,} pixels"),
        (url(picture("PNG", 31, 31)), "warning", "31 by 31 pixels"),
        (url(flat(513, 513)), "warning", "513 by 513 pixels"),
        (url(picture("PNG", 64, 32)), "warning", "64 by 32 pixels, far from square"),
        ("data:image/svg+xml,<svg onload='a()'/>", "error", "SVG with a script (the attribute onload)"),
        ("data:image/svg+xml,<svg>", "error", "XML that is not well-formed (no element found, line 1)"),
        ("data:image/svg+xml,<svg/>", "warning", f'<svg> lacks xmlns="{SVG}"'),
        ("data:image/x-mine,hello", "error", "image/x-mine by name, which is no image that browsers show"),
    ],
    ids=lambda value: value[:24],
)
def test_a_check_that_looks_into_the_picture_tells_what_it_sees(icon, level, found):
    expected = [(level, found)] if level else []
    assert findings(icon, picture=True) == expected
    assert findings(icon, profile="review") == [("error", found) for level, found in expected]
    # Without, the first bytes are looked at, and nothing else.
    assert findings(icon) == []


def test_an_icon_that_is_wrong_by_its_first_bytes_is_told_once():
    assert len(findings(url(picture("PNG"), "image/gif"), picture=True)) == 1
    assert findings("", profile="review") == [("error", "an empty text")]


def test_a_large_icon_is_an_error_in_a_review():
    icon = url(picture("PNG") + bytes(64 * 1024))
    assert [level for level, _ in findings(icon)] == ["warning"]
    assert [level for level, _ in findings(icon, profile="review")] == ["error"]


def test_without_pillow_it_is_told_that_nobody_looked(monkeypatch):
    icon = url(picture("PNG"))
    for name in [name for name in sys.modules if name.partition(".")[0] == "PIL"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "PIL", None)
    unseen = "an icon that nobody looked into: the package Pillow, which reads a PNG, is not installed"
    assert findings(icon) == []
    assert findings(icon, picture=True) == [("warning", unseen)]
    assert findings(icon, profile="review") == [("error", unseen)]
