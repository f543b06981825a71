def search(database: Database, text: str) -> list[Product]:
    """The first products, by number, that have a word which starts with `text`."""
    prefix = text.strip().lower()
    if not prefix:
        return []
    rows = database.rows("SELECT id, name, price, stock FROM products ORDER BY id")
    found = [row for row in rows if any(word.startswith(prefix) for word in words(row[1]))]
    return [Product(*row) for row in found[:PAGE]]
