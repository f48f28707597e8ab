"""What the data source contract asks for: the params of an account that its checks may read (see params.example.toml).

A far end on this machine, started here, is better: then the tests need no network and no account.
"""

{% if variables %}
import os
{% endif %}
import tomllib
from pathlib import Path

import pytest

PARAMS = Path(__file__).parents[1] / "params.toml"
{% if variables %}

# What is better not written to a file can be in the environment.
VARIABLES = {
{% for name, variable in variables.items() %}
    {{ name | python }}: {{ variable | python }},
{% endfor %}
}
{% endif %}


@pytest.fixture
def panoply_params():
    params = tomllib.loads(PARAMS.read_text(encoding="utf-8")) if PARAMS.is_file() else {}
{% if variables %}
    params |= {name: os.environ[variable] for name, variable in VARIABLES.items() if variable in os.environ}
{% endif %}
    return params
