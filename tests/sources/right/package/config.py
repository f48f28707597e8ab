from .source import shops

CONFIG = {
    "title": "Orders",
    "categories": ["APIS"],
    "keywords": ["orders"],
    "createdAt": "2020-08-02",
    "icon": "",
    "params": [
        {"name": "token", "title": "Token", "type": "password", "required": True},
        {"name": "shops", "title": "Shops", "type": "list", "values": shops, "dependencies": ["token"]},
        {"name": "kind", "title": "Kind", "type": "some-new-type", "x-order": 3},
    ],
}
