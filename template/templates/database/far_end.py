{% if cookiecutter.auth == "none" %}
{% include "database/sqlite.py" %}
{% else %}
{% include "database/postgresql.py" %}
{% endif %}
