{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set auth = cookiecutter.auth %}
{% set far, url_param, host = "file store", "store_url", "files.example.com/v1" %}
{% include "files/" ~ ("folder.py" if auth == "none" else "http.py") %}
