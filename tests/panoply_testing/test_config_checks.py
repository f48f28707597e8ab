"""What the kit finds out about a CONFIG, and what its checks say of it. (Whole sources are in test_checks.)"""

from __future__ import annotations

import asyncio
import base64
import copy
import io
import logging
import pickle
import struct
import warnings
import zlib
from dataclasses import replace
from functools import partial
from urllib.parse import quote

import PIL.Image
import pytest

from panoply.driving import Driver
from panoply_testing._config_facts import CredentialParam, ValuesFacts
from panoply_testing._credential_params import credential_params
from panoply_testing._icon import MOST_BYTES, MOST_PIXELS, icon_facts
from panoply_testing._values import MOST_ENTRIES, calls, facts_not_called, facts_of, facts_of_raised
from panoply_testing.checks.config import icon_is_image, secrets_are_masked, values_resolve
from panoply_testing.contract import CONTRACT
from panoply_testing.observation import End, ModuleFacts, Observation, Raised, Step
from panoply_testing.plans import VALUES

SVG = "http://www.w3.org/2000/svg"
MEDIA = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WebP": "image/webp", "BMP": "image/bmp"}


def test_the_rules_about_config_stand_where_the_contract_has_them():
    assert [check.name for check in CONTRACT][:6] == [
        "module_imports_quietly",
        "stream_is_data_source",
        "config_is_valid",
        "config_icon_is_image",
        "config_secrets_are_masked",
        "config_values_resolve",
    ]


# ---------------------------------------------------------------------- the icon


def picture(kind: str, width: int = 64, height: int = 64) -> bytes:
    pixels = bytes((7 * x * x + 11 * y) % 256 for y in range(height) for x in range(width))
    file = io.BytesIO()
    PIL.Image.frombytes("L", (width, height), pixels).convert("RGB").save(file, kind.upper())
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
    assert found.problem == "broken"
    assert "breaks off" in found.found or "damaged or incomplete" in found.found
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
    large = io.BytesIO()
    PIL.Image.new("1", (3500, 3500)).save(large, "PNG")  # of which Pillow would warn
    for icon in (picture("PNG"), large.getvalue(), b"\x89PNG\r\n\x1a\nno"):
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


def test_entities_in_other_files_are_not_fetched(tmp_path):
    (tmp_path / "secret").write_text("<g>", encoding="utf-8")  # were it read, it would break the rest
    entity = f"<!ENTITY there SYSTEM '{(tmp_path / 'secret').as_uri()}'>"
    assert not svg(f"<!DOCTYPE svg [{entity}]><svg xmlns='{SVG}'>&there;</svg>").problem


def test_svg_without_its_name_space_is_a_note():
    (note,) = icon_is_image(svg("<svg/>")).notes
    assert f'xmlns="{SVG}"' in note


# ---------------------------------------------------------------------- what the form masks


def params_of(*params: dict) -> tuple[CredentialParam, ...]:
    return credential_params({"title": "Orders", "params": list(params)})


@pytest.mark.parametrize(
    ("param", "because"),
    [
        ({"name": "apiKey"}, "its name"),
        ({"name": "db_password", "type": "string"}, "its name"),
        ({"name": "dsn", "type": "text"}, "its name"),
        ({"name": "passcode", "type": "number"}, "its name"),
        ({"name": "secret", "type": ""}, "its name"),
        ({"name": "value1", "title": "API key"}, "its title"),
        ({"name": "value1", "title": "Your personal access token"}, "its title"),
        ({"name": "server", "default": "mysql://ada:pw@host/db"}, "its default (a URL with a password in it)"),
        ({"name": "server", "placeholder": "amqp://:pw@host"}, "its placeholder (a URL with a password in it)"),
        (
            {"name": "server", "default": "Server=db;Uid=ada;Pwd=pw;"},
            "its default (a connection string with a password in it)",
        ),
        (
            {"name": "tunnel", "default": {"ssh": [{"privateKey": ""}]}},
            "its default (an object with the key 'privateKey')",
        ),
    ],
)
def test_a_credential_that_is_shown_is_found(param, because):
    (found,) = params_of({"name": "user"}, param)
    assert (found.path, found.name, found.because, found.shown) == ("params[1]", param["name"], because, True)
    (finding,) = secrets_are_masked((found,)).findings
    assert repr(param["name"]) in finding.place
    assert (repr(param["type"]) if param.get("type") else "no type") in finding.received
    assert '"type": "password"' in finding.fix
    assert "pw" not in f"{finding}"


@pytest.mark.parametrize(
    "param",
    [
        {"name": "apiKey", "type": "password"},
        {"name": "access", "type": "oauth"},
        {"name": "token", "type": "hidden"},
        {"name": "token", "hidden": True},
    ],
)
def test_a_credential_that_nobody_sees_is_right(param):
    verdict = secrets_are_masked(params_of(param))
    assert (verdict.findings, verdict.skip, verdict.looked_at) == ((), None, "1 param with a credential")


@pytest.mark.parametrize(
    "param",
    [
        {"name": "user"},
        {"name": "primary_key", "title": "Key"},
        {"name": "token_type", "title": "Type"},
        {"name": "token", "values": ["id", "email"]},
        {"name": "method", "title": "Password", "values": ["plain", "md5"]},
        {"name": "secret", "type": "primary-key"},
        {"name": "note", "title": "Where is the password of this account kept?"},
        {"name": "limit", "title": "Tokens", "type": "number"},
        {"name": "server", "default": "https://host:8080/users/@me"},
        {"name": "server", "default": "https://ada@host/"},
        {"name": "url", "placeholder": "https://host/?page=1"},
    ],
)
def test_what_only_looks_like_a_credential_is_none(param):
    assert params_of(param) == ()


@pytest.mark.parametrize("kind", ["pasword", "Password", "strng"])
def test_a_misspelt_type_does_not_mask(kind):
    (finding,) = secrets_are_masked(params_of({"name": "token", "type": kind})).findings
    assert "Did you mean" in finding.fix


@pytest.mark.parametrize("kind", ["vault-reference", 7])
def test_a_type_that_nobody_knows_is_a_note(kind):
    verdict = secrets_are_masked(params_of({"name": "token", "type": kind}))
    assert not verdict.findings
    assert "'token'" in verdict.notes[0]


@pytest.mark.parametrize("config", [None, [], {}, {"params": {}}, {"params": [1, None]}, {"params": [{"name": 1}]}])
def test_without_a_credential_there_is_nothing_to_mask(config):
    assert secrets_are_masked(credential_params(config)).skip == "No param holds a credential, by its name or type."


# ---------------------------------------------------------------------- what can be chosen


def config_of(function, *others: dict, **more) -> dict:
    return {"title": "Orders", "params": [*others, {"name": "shop", "type": "list", "values": function, **more}]}


def ask(function, *others: dict, params=None, options=None, **more) -> ValuesFacts:
    """Call a function as a run does."""
    (call,) = calls(config_of(function, *others, **more), params or {}, options or {})
    if call.call is None:
        return facts_not_called(call)
    with Driver() as driver:
        try:
            listing = driver.call(call.call)
        except Exception as exc:  # noqa: BLE001 - as a run does
            raised = Raised(type_name=type(exc).__name__, message=str(exc), where="shops.py:1", retryable=True)
            return facts_of_raised(call, raised, seconds=2.0)
    return facts_of(call, listing, seconds=1.0)


def gives(value):
    return ask(lambda source: value)


@pytest.mark.parametrize(
    "value",
    [
        ["north", 2, 2.5, {"name": "South", "value": {"id": [None, True]}}, {"value": None}, {"name": 7, "value": 7}],
        ("north",),
        {"north", "south"},
        iter(["north"]),
        range(3),
        {"north": 1}.keys(),
        map(str, [1, 2]),
    ],
)
def test_a_listing_of_choices_is_right(value):
    found = gives(value)
    assert (found.called, found.is_listing, found.odd, found.endless, found.seconds) == (True, True, (), False, 1.0)
    assert found.count > 0
    verdict = values_resolve((found,))
    assert (verdict.findings, verdict.skip, verdict.notes) == ((), None, ())
    assert verdict.looked_at == f"1 function, {found.count} {'entry' if found.count == 1 else 'entries'}"


@pytest.mark.parametrize("value", [None, "north", b"north", {"north": 1}, 7, object(), {"name": "North", "value": 1}])
def test_what_is_no_listing_is_told_of(value):
    found = gives(value)
    assert not found.is_listing
    (finding,) = values_resolve((found,)).findings
    assert found.type_name.replace("NoneType", "None") in finding.received
    assert "north" not in finding.received


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        (None, "neither text nor a number"),
        (True, "neither text nor a number"),
        (("north",), "neither text nor a number"),
        (b"north", "neither text nor a number"),
        (float("inf"), "a number that JSON does not know (NaN or Infinity)"),
        ({}, "it has no key 'value'"),
        ({"name": "North", "id": 1}, "it has no key 'value', but 'name', 'id'"),
        ({"name": "North", "Value": 1}, "it has no key 'value', but 'name', 'Value' (is 'Value' meant to be that?)"),
        ({"name": "North", "value": {1, 2}}, "its value is of type set, which JSON does not know"),
        ({"name": "North", "value": [{"a": object()}]}, "its value is of type object, which JSON does not know"),
        (
            {"name": "North", "value": {1: 2}},
            "its value is of type dict with a key of type int, which JSON does not know",
        ),
        ({"name": ["North"], "value": 1}, "its name is of type list, not text"),
    ],
)
def test_an_entry_that_a_form_cannot_show_is_told_of(entry, fault):
    found = gives(["north", entry, "south", entry])
    assert found.odd[0] == (1, type(entry).__name__, fault)
    assert found.odd_count == 2
    (finding,) = values_resolve((found,)).findings
    assert finding.place == "the values of the param 'shop', entry 1"
    assert "1 more entry is like that" in finding.received


def test_what_an_odd_entry_says_is_masked():
    (call,) = calls(config_of(lambda source: [{"tk-9f3b71": 1}]), {}, {})
    found = facts_of(call, call.call(), mask=lambda text: text.replace("tk-9f3b71", "***"))
    assert found.odd[0][2] == "it has no key 'value', but '***'"


def test_what_never_ends_is_left_after_a_while():
    ended = []

    def shops(source):
        try:
            while True:
                yield "north"
        finally:
            ended.append(True)

    found = ask(shops)
    assert (found.endless, found.count) == (True, MOST_ENTRIES)
    assert ended
    assert "has not ended after 100,000 entries" in values_resolve((found,)).findings[0].received


def test_a_long_list_is_long_and_not_endless():
    found = gives(["north"] * (MOST_ENTRIES + 1))
    assert (found.endless, found.count) == (False, MOST_ENTRIES + 1)


def test_as_many_as_are_waited_for_are_not_endless():
    assert gives(iter(["north"] * MOST_ENTRIES)).endless is False


def test_a_function_is_called_by_its_signature():
    got = []

    class Shops:
        def __call__(self, source):
            got.append(("object", source))
            return ["north"]

    functions = [
        lambda source: got.append(("one", source)) or [],
        lambda source, options: got.append(("two", source, options)) or [],
        lambda source, options=None: got.append(("maybe", source, options)) or [],
        lambda source, *args, **kwargs: got.append(("any", source, *args)) or [],
        partial(lambda extra, source: got.append(("partial", source)) or [], 1),
        Shops(),
    ]
    for function in functions:
        ask(function, params={"user": "ada"}, options={"logger": None})
    source, options = {"user": "ada"}, {"logger": None}
    assert got == [
        ("one", source),
        ("two", source, options),
        ("maybe", source, options),
        ("any", source, options),
        ("partial", source),
        ("object", source),
    ]


def test_a_function_that_cannot_take_the_params_is_not_called():
    found = ask(lambda: ["north"])
    assert (found.called, found.reason) == (False, "it takes neither (source) nor (source, options)")
    assert "config_is_valid" in str(values_resolve((found,)).skip)


def test_an_async_function_is_awaited():
    async def shops(source):
        await asyncio.sleep(0)
        return (each for each in ["north", None])

    found = ask(shops)
    assert (found.type_name, found.count, found.odd_count) == ("generator", 2, 1)


def test_an_async_generator_is_no_listing():
    async def shops(source):
        yield "north"

    found = ask(shops)
    assert (found.is_listing, found.type_name) == (False, "async_generator")


def test_what_raises_is_told_with_its_line():
    def shops(source):
        yield "north"
        raise ValueError("no such page")

    found = ask(shops)
    (finding,) = values_resolve((found,)).findings
    assert finding.received == "it raised ValueError: no such page"
    assert (finding.source, found.seconds) == ("shops.py:1", 2.0)


def test_a_function_is_only_called_with_what_it_depends_on():
    called = []
    depends = {"dependencies": ["region", "user"]}
    others = ({"name": "user"}, {"name": "region"})
    found = ask(called.append, *others, params={"user": "ada", "region": None}, **depends)
    assert (found.called, found.missing, called) == (False, ("region",), [])
    assert values_resolve((found,)).skip == (
        "The values of the param 'shop' were not asked for, because it depends on region. Provide region "
        "(--panoply-params=FILE, or the fixture panoply_params)."
    )


def test_what_was_not_called_is_a_note_beside_what_was():
    verdict = values_resolve((gives(["north"]), ValuesFacts(param="kind", called=False, reason="it depends on x")))
    assert (verdict.skip, verdict.looked_at) == (None, "1 function, 1 entry")
    assert "'kind' were not asked for" in verdict.notes[0]


def test_the_keys_that_are_read_are_known():
    def shops(source):
        dict(source)
        source.get("region")
        "host" in source  # noqa: B015 - what it reads is what counts
        source["own"] = 1
        return [source["user"], source["own"], source.pop("id"), source.setdefault("zone", "z")]

    found = ask(shops, params={"user": "ada", "id": "source-1"})
    assert set(found.keys_read) == {"region", "host", "own", "user", "id", "zone"}


USER, HOST = {"name": "user"}, {"name": "host"}


def test_reading_a_param_that_it_does_not_depend_on_is_told_of():
    found = ask(lambda source: [source["user"]], USER, params={"user": "ada"})
    assert found.needs == ("user",)
    (finding,) = values_resolve((found,)).findings
    assert finding.received == "it reads source['user'], which is not among its dependencies"
    assert finding.fix.startswith("Add 'user' to the \"dependencies\" of 'shop'")


def test_getting_along_without_it_is_a_note():
    def shops(source):
        return [source["user"]] if "user" in source else []

    found = ask(shops, USER, params={"user": "ada"})
    assert (found.needs, found.looks_at) == ((), ("user",))
    verdict = values_resolve((found,))
    assert not verdict.findings
    assert "'user'" in verdict.notes[0]


@pytest.mark.parametrize(
    ("others", "dependencies"),
    [
        ([USER], ["user"]),
        ([USER, {"name": "host", "dependencies": ["user"]}], ["host"]),
        ([{"name": "user", "default": "ada"}], []),
        ([{"name": "user", "type": "hidden"}], []),
        ([{"name": "user", "hidden": True}], []),
        ([], []),  # which no param declares: the platform may have put it there
    ],
)
def test_what_is_there_by_then_may_be_read(others, dependencies):
    params = {"user": "ada", "host": "localhost"}
    found = ask(lambda source: [source["user"]], *others, params=params, dependencies=dependencies)
    assert (found.called, found.needs, found.looks_at) == (True, (), ())


def test_dependencies_in_a_circle_are_gone_round_once():
    others = [{"name": "user", "dependencies": ["host"]}, {"name": "host", "dependencies": ["user"]}]
    params = {"user": "ada", "host": "localhost"}
    assert ask(lambda source: [source["host"]], *others, params=params, dependencies=["user"]).needs == ()


def test_a_key_that_is_not_there_is_told_of_as_such():
    found = ask(lambda source: [source["host"]], HOST, params={"user": "ada"})
    assert (found.raised, found.lacks, found.needs) == ("KeyError: 'host'", ("host",), ())
    (finding,) = values_resolve((found,)).findings
    assert finding.fix.startswith("The form may ask for the values before 'host' is filled in.")


def test_a_key_error_of_another_dict_is_not_blamed_on_the_params():
    found = ask(lambda source: {}["page"])
    assert "filled in" not in values_resolve((found,)).findings[0].fix


def test_each_function_gets_params_of_its_own():
    def spoils(source, options):
        source["tables"].append("orders")
        options["refresh"]["token"] = "gone"
        return source["tables"]

    params, options = {"tables": ["users"]}, {"refresh": {"token": "tk"}}
    config = {"params": [{"name": name, "values": spoils} for name in ("one", "other")]}
    counts = [facts_of(call, call.call()).count for call in calls(config, params, options)]
    assert counts == [2, 2]
    assert (params, options) == ({"tables": ["users"]}, {"refresh": {"token": "tk"}})


@pytest.mark.parametrize("copier", [copy.copy, copy.deepcopy, dict.copy, lambda s: pickle.loads(pickle.dumps(s)), dict])
def test_a_copy_of_the_params_is_a_plain_dict(copier):
    got = []
    ask(lambda source: got.append(copier(source)) or [], params={"user": "ada"})
    assert got == [{"user": "ada"}]
    assert type(got[0]) is dict


def test_a_list_without_entries_is_a_note():
    verdict = values_resolve((gives([]),))
    assert (verdict.findings, verdict.skip) == ((), None)
    assert "an empty list" in verdict.notes[0]


@pytest.mark.parametrize(
    "config",
    [
        None,
        {},
        {"params": {}},
        {"params": [{"name": "shop", "values": ["north"]}]},
        {"params": [{"name": "shop", "default": len}]},
        {"params": {"shop": {"values": len}}},
        {"title": len},
        len,
    ],
)
def test_without_functions_there_is_nothing_to_call(config):
    assert calls(config, {}, {}) == []
    assert values_resolve(()).skip == "No param takes its values from a function."


def test_a_function_of_a_param_without_a_name_is_called_by_its_place():
    (call,) = calls({"params": [{"values": lambda source: ["north"]}]}, {}, {})
    assert call.name == "the values of the param 'params[0]'"
    assert call.call is not None


def observed(end: End, **more) -> Observation:
    module = ModuleFacts(
        name="orders",
        stream="class Orders",
        stream_is_class=True,
        stream_is_data_source=True,
        overrides_read=True,
        config_findings=(),
    )
    return Observation(plan=VALUES, end=end, module=module, limit=1.0, **more)


CHECK = next(check for check in CONTRACT if check.name == "config_values_resolve")


def test_a_run_that_broke_off_earlier_is_not_taken_for_one_without_functions():
    step = Step(kind="construct", call="Stream(source, options)", number=1, seconds=0.0)
    assert str(CHECK.judge(observed(End.HUNG, unfinished=step)).skip).startswith(
        "The run broke off before any function"
    )
    assert CHECK.judge(observed(End.COMPLETE)).skip == "No param takes its values from a function."


def test_a_function_that_hangs_is_told_of_beside_what_the_others_gave():
    step = Step(kind="values", call="the values of the param 'kind'", number=2, seconds=0.0)
    verdict = CHECK.judge(observed(End.HUNG, unfinished=step, values=(gives(None),), stuck_at="shops.py:1 in kinds"))
    odd, hung = verdict.findings
    assert odd.received == "None"
    assert (hung.place, hung.source) == ("the values of the param 'kind'", "shops.py:1 in kinds")
    assert hung.received == "the values of the param 'kind' did not return within 1 seconds"


@pytest.mark.parametrize("name", ["config_icon_is_image", "config_secrets_are_masked", "config_values_resolve"])
def test_without_a_config_there_is_nothing_to_judge(name):
    check = next(check for check in CONTRACT if check.name == name)
    run = observed(End.COMPLETE)
    without = replace(run, module=replace(run.module, config_findings=None))
    assert check.judge(without).skip == "The module has no CONFIG: see config_is_valid."
    assert "could not be imported" in str(check.judge(replace(run, module=None)).skip)
