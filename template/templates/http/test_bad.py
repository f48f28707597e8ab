{% if auth == "token" %}
    return {{ fixture }}.params | {"token": secrets.token_hex(16)}
{% elif auth == "password" %}
    return {{ fixture }}.params | {"password": secrets.token_hex(16)}
{% elif auth == "oauth2" %}
    return {{ fixture }}.params | {"access_token": secrets.token_hex(16), "refresh_token": secrets.token_hex(16)}


@pytest.fixture
def panoply_options({{ fixture }}):
    return {{ fixture }}.options
{% else %}
    return {{ fixture }}.params | {"{{ url_param }}": f"{ {{- fixture }}.url}/nowhere"}
{% endif %}
