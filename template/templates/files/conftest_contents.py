def contents(name, rows):
    """What is in a file with these rows."""
    if name.endswith(".jsonl"):
        return "".join(json.dumps(row) + "\n" for row in rows)
    text = io.StringIO()
    table = csv.DictWriter(text, list(rows[0]) if rows else ["id"])
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()
