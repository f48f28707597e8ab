{% if auth == "token" %}
        return {"{{ url_param }}": self.url, "token": self.token}
{% elif auth == "password" %}
        return {"{{ url_param }}": self.url, "user": self.user, "password": self.password}
{% elif auth == "oauth2" %}
        return {"{{ url_param }}": self.url, "access_token": self.access_token, "refresh_token": self.refresh_token}
{% else %}
        return {"{{ url_param }}": self.url}
{% endif %}
