{% if auth == "token" %}
        self.token = secrets.token_hex(16)
{% elif auth == "oauth2" %}
        self.access_token, self.refresh_token = secrets.token_hex(16), secrets.token_hex(16)
{% endif %}
