{% if auth == "oauth2" %}
        if request.path == "/v1/oauth/token":
            return self.refresh(request.form)
{% endif %}
{% if auth == "token" %}
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return as_json({"error": "bad token"}, 401)
{% elif auth == "password" %}
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return as_json({"error": "who are you?"}, 401)
{% elif auth == "oauth2" %}
        if request.headers.get("Authorization") != f"Bearer {self.access_token}":
            return as_json({"error": "bad token"}, 401)
{% endif %}
