{% set auth = cookiecutter.auth %}
{% set url_param, fixture = "store_url", "local_store" %}
{% include "files/conftest_" ~ ("folder.py" if auth == "none" else "http.py") %}
