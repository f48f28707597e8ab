"""A session's report as JSON text, as `report.schema.json` beside this file describes it."""

from __future__ import annotations

import importlib.resources
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panoply_testing.report.model import SessionReport

__all__ = ["render", "report_schema"]


def render(report: SessionReport) -> str:
    """The whole report, to be read by programs."""
    return json.dumps(report.to_json(), allow_nan=False, ensure_ascii=False, indent=1) + "\n"


def report_schema() -> dict[str, Any]:
    """The JSON Schema of the reports."""
    path = importlib.resources.files("panoply_testing.report") / "report.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema
