"""Project folders to review."""

from __future__ import annotations

import pytest
from review_projects import make


@pytest.fixture
def project(tmp_path):
    """Make a right project, but for some files."""

    def project(changes=None, name="shop-source"):
        return make(tmp_path / name, changes)

    return project
