"""Reads an icon that is SVG: XML, which may hold programs, and fetch what lies elsewhere.

Nothing is run, fetched or unpacked here. What an SVG can do is what a browser lets it: scripts and handlers of events, URLs
that are programs, and references to other files, in attributes and in style sheets. Those within the file (`#gradient`) and
pictures that it brings along (`data:image/png`) are what SVG is made of; so are links, which nobody can click in an icon.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from panoply._config_icon import icon_image, kind_of

__all__ = ["MOST_ENTITIES", "SVG", "SVGUnfit", "svg_notes"]

SVG: Final = "http://www.w3.org/2000/svg"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_XLINK: Final = "http://www.w3.org/1999/xlink"

# Drawing programs declare a handful of name spaces as entities, of under 50 characters each. What they become in the text
# is bounded by this times the number of references that an icon has room for.
MOST_ENTITIES: Final = 2048

# Of style sheets, once entities are unpacked. A drawing's own have a few thousand characters.
_MOST_STYLE: Final = 1_000_000

# How deep pictures may lie within pictures.
_DEEPEST: Final = 3

# Elements of other vocabularies (a drawing program's own, licences in RDF) draw nothing, whatever they refer to.
_DRAWN: Final = frozenset({"", SVG, _XHTML})
_SCRIPTS: Final = frozenset({"script", "handler", "listener"})

_HANDLER: Final = re.compile(r"on[a-z]+")
_ADDRESSES: Final = frozenset({"href", "src", "data", "action", "formaction", "poster", "srcset"})
# What an animation may set an address to.
_ANIMATED: Final = frozenset({"to", "from", "by", "values"})
_ANIMATIONS: Final = frozenset({"set", "animate"})

# Attributes that take what a style sheet would say.
_STYLED: Final = frozenset(
    {
        *("style", "fill", "stroke", "filter", "mask", "clip-path", "cursor", "color-profile"),
        *("marker", "marker-start", "marker-mid", "marker-end"),
    }
)

_PROGRAM: Final = re.compile(r"(?:java|vb)script:|data:(?!image/|font/|application/(?:x-)?font)", re.IGNORECASE)
# Browsers skip these within a URL.
_SKIPPED: Final = re.compile(r"[\x00-\x20]+")

_CSS_COMMENT: Final = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_CSS_ESCAPE: Final = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_CSS_NAME_SPACE: Final = re.compile(r"@namespace\b[^;]*;?", re.IGNORECASE)
_CSS_IMPORT: Final = re.compile(r"@import\b", re.IGNORECASE)
_CSS_URL: Final = re.compile(r"\b(?:url|src|image|image-set)\(\s*[\"']?([^\"')]*)", re.IGNORECASE)

_SHEET: Final = re.compile(r"\bhref\s*=\s*[\"']([^\"']*)")


class SVGUnfit(Exception):
    """The SVG is not what it should be.

    Attributes:
        problem: as in `IconFacts`.
        found: the problem in words.
    """

    def __init__(self, problem: Literal["xml", "entities", "scripts", "references"], found: str) -> None:
        super().__init__(found)
        self.problem = problem
        self.found = found


def svg_notes(data: bytes) -> tuple[str, ...]:
    """Read an SVG to its end; what is worth knowing of one that is sound.

    Raises:
        SVGUnfit: it is not.
    """
    root = _Reading().read(data)
    if root == f"{SVG} svg":
        return ()
    return (f'The icon\'s <svg> lacks xmlns="{SVG}": browsers show no SVG without it as an image.',)


@dataclass(slots=True)
class _Reading:
    """One walk through an SVG."""

    depth: int = 0
    root: str = ""
    declared: int = 0
    # The text of the style sheet that the walk is inside of, and how much there was so far.
    style: list[str] | None = None
    styled: int = 0

    def read(self, data: bytes) -> str:
        """Read it all, and give back its root's name."""
        from xml.parsers import expat  # noqa: PLC0415 - few icons are SVG

        # Not xml.etree: its parser lets nobody see the entities.
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self.begin
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        parser.ProcessingInstructionHandler = self.instruct
        parser.EntityDeclHandler = self.declare
        try:
            parser.Parse(data, True)  # noqa: FBT003 - it takes no keywords
        except expat.ExpatError as exc:
            found = f"XML that is not well-formed ({expat.ErrorString(exc.code)}, line {exc.lineno})"
            raise SVGUnfit("xml", found) from None
        except (ValueError, LookupError):
            raise SVGUnfit("xml", "XML in an encoding that nobody knows") from None
        return self.root

    def declare(self, name: str, is_parameter: int, value: str | None, *_: object) -> None:  # noqa: ARG002 - as expat calls it
        """An entity. One that holds others may be made to grow without bounds."""
        if value is None:
            raise SVGUnfit("references", "SVG with an entity that lies in another file (<!ENTITY ... SYSTEM ...>)")
        self.declared += len(value)
        if self.declared > MOST_ENTITIES or "&" in value or "%" in value:
            raise SVGUnfit("entities", "SVG whose entities (<!ENTITY ...>) hold one another, or are very long")

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if not self.root:
            self.root = name
            if local != "svg":
                raise SVGUnfit("xml", f"XML whose root is <{local[:40]}>")
        if space not in _DRAWN:
            return
        element = local.lower()
        if element in _SCRIPTS:
            raise SVGUnfit("scripts", f"SVG with a script (<{local}>)")
        if element == "style":
            self.style = []
        for attribute, value in attributes.items():
            self.attribute(element, attribute, value)

    def attribute(self, element: str, name: str, value: str) -> None:
        """An attribute of an element that is drawn."""
        space, _, local = name.rpartition(" ")
        attribute = local.lower()
        if not space and _HANDLER.fullmatch(attribute):
            raise SVGUnfit("scripts", f"SVG with a script (the attribute {attribute[:40]})")
        where = f"<{element[:40]} {attribute}>"
        if attribute in _ADDRESSES and space in ("", _XLINK):
            self.address(value, where, is_link=element == "a")
        elif element in _ANIMATIONS and attribute in _ANIMATED:
            for each in value.split(";"):
                # Most are numbers and colours: only what begins like an address is one.
                if _PROGRAM.match(_SKIPPED.sub("", each)) or "://" in each:
                    self.address(each, where, is_link=False)
        elif attribute in _STYLED:
            self.sheet(value, where)

    def text(self, text: str) -> None:
        """What stands between the elements: of interest in a style sheet only."""
        if self.style is None:
            return
        self.styled += len(text)
        if self.styled > _MOST_STYLE:
            raise SVGUnfit("entities", f"SVG with style sheets of more than {_MOST_STYLE:,} characters")
        self.style.append(text)

    def end(self, name: str) -> None:
        if self.style is not None and name.rpartition(" ")[2].lower() == "style":
            sheet, self.style = "".join(self.style), None
            self.sheet(sheet, "<style>")

    def instruct(self, target: str, data: str) -> None:
        """A processing instruction: `<?xml-stylesheet href="..."?>` is the one that browsers follow."""
        if target == "xml-stylesheet":
            found = _SHEET.search(data)
            self.address(found[1] if found else "", "<?xml-stylesheet?>", is_link=False)

    def sheet(self, css: str, where: str) -> None:
        """A style sheet, or the style of one element."""
        plain = _CSS_NAME_SPACE.sub("", _CSS_ESCAPE.sub(_unescaped, _CSS_COMMENT.sub(" ", css)))
        if _CSS_IMPORT.search(plain):
            raise SVGUnfit("references", f"SVG that imports a style sheet (@import in {where})")
        for url in _CSS_URL.finditer(plain):
            self.address(url[1], where, is_link=False)

    def address(self, url: str, where: str, *, is_link: bool) -> None:
        """Something that a browser may follow."""
        plain = _SKIPPED.sub("", url)
        if _PROGRAM.match(plain):
            raise SVGUnfit("scripts", f"SVG with a URL that is a program or a page ({where})")
        if plain[:5].lower() == "data:":
            self.picture(url, where)
        elif plain and not plain.startswith("#") and not is_link:
            raise SVGUnfit("references", f"SVG that refers to what lies outside of it ({where})")

    def picture(self, url: str, where: str) -> None:
        """A picture that it brings along: if that is SVG, it is held to the same rules."""
        try:
            media, data = icon_image(url.strip())
        except ValueError:
            return  # a font, or nothing that is drawn
        if media == "image/svg+xml" and kind_of(data) in ("SVG", None):
            if self.depth >= _DEEPEST:
                raise SVGUnfit("references", f"SVG that holds pictures within pictures ({where})")
            _Reading(depth=self.depth + 1).read(data)


def _unescaped(escape: re.Match[str]) -> str:
    code = int(escape[1], 16) if escape[1] else -1
    if code < 0:
        return str(escape[2])
    return chr(code) if 0 < code < 0x110000 else "\ufffd"
