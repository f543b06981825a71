def search(database: Database, text: str) -> list[Product]:
    """The first products, by number, that have a word which starts with `text`."""
    prefix = text.strip().lower()
    if not prefix:
        return []
    hits = database.rows(
        "SELECT DISTINCT product FROM words WHERE word >= ? AND word < ? ORDER BY product LIMIT ?",
        (prefix, prefix + _LAST, PAGE),
    )
    found = [product(database, number) for (number,) in hits]
    return [one for one in found if one is not None]
