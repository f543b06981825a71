from shop.catalogue import words
from shop.database import Database, connect, prepare
from shop.seed import fill


def test_the_same_rows_every_time_and_those_of_the_tests(tmp_path, database: Database) -> None:
    file = str(tmp_path / "new.sqlite")
    prepare(file)
    made = connect(file)
    fill(made, 12, 60)
    for table in ("products", "words", "customers", "orders"):
        sql = f"SELECT * FROM {table}"
        assert made.execute(sql).fetchall() == database.rows(sql)
    made.close()


def test_every_word_of_every_name_is_indexed(database: Database) -> None:
    products = database.rows("SELECT id, name FROM products")
    expected = {(word, number) for number, name in products for word in words(name)}
    assert set(database.rows("SELECT word, product FROM words")) == expected
