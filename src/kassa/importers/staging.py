"""A file's rows gathered into orders, on disk: rows of one order may stand far apart in a large file."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

from kassa.importers.layout import Layout
from kassa.importers.rows import Row

TABLES = """
CREATE TABLE rows (line INTEGER PRIMARY KEY, purchase TEXT, unique_name TEXT, cells TEXT NOT NULL);
CREATE TABLE problems (line INTEGER PRIMARY KEY, sentence TEXT NOT NULL);
"""
GATHER = """
CREATE INDEX rows_of_purchase ON rows (purchase, line);
CREATE INDEX rows_by_name ON rows (unique_name);
CREATE TABLE purchases (first INTEGER PRIMARY KEY, purchase TEXT NOT NULL);
INSERT INTO purchases SELECT min(line), purchase FROM rows WHERE purchase IS NOT NULL GROUP BY purchase;
"""
TWICE = """
INSERT OR IGNORE INTO problems
SELECT r.line, replace(replace(:sentence, '{name}', r.unique_name), '{line}', twice.first)
FROM rows r JOIN (SELECT unique_name, min(line) AS first FROM rows WHERE unique_name IS NOT NULL
                  GROUP BY unique_name HAVING count(*) > 1) twice USING (unique_name)
WHERE r.line > twice.first
"""
ORDERS = """
SELECT p.first, r.line, r.cells, b.sentence
FROM purchases p JOIN rows r ON r.purchase = p.purchase LEFT JOIN problems b ON b.line = r.line
ORDER BY p.first, r.line
"""
REJECTED = "SELECT r.line, b.sentence, r.cells FROM problems b JOIN rows r USING (line) ORDER BY r.line"


class Staging:
    """The rows of one file, by purchase, and what is wrong with some of them."""

    def __init__(self, database: sqlite3.Connection, columns: Sequence[str]) -> None:
        self._database = database
        self.columns = tuple(columns)
        """The headings as they stand in the file."""

    def add(self, line: int, cells: Sequence[str], *, purchase: str | None, unique_name: str | None) -> None:
        """Keep a row; ``purchase`` None: it cannot be told which order it belongs to."""
        self._database.execute(
            "INSERT INTO rows VALUES (?, ?, ?, ?)", (line, purchase, unique_name, json.dumps(cells))
        )

    def gather(self, *, twice: str) -> int:
        """Gather what was added into orders and return how many there are.

        A unique name on a second row is a problem of that row; ``twice`` is the sentence for it.
        """
        self._database.executescript(GATHER)
        self._database.execute(TWICE, {"sentence": twice})
        count: int = self._database.execute("SELECT count(*) FROM purchases").fetchone()[0]
        return count

    def orders(self, layout: Layout) -> Iterator[list[tuple[Row, str | None]]]:
        """Yield the rows of each order with what is wrong with them so far, in the file's order."""
        # Problems that are added meanwhile are those of orders that have been yielded already.
        found = self._database.execute(ORDERS)
        for _, rows in groupby(found, key=lambda one: one[0]):
            yield [(layout.read(line, json.loads(cells)), sentence) for _, line, cells, sentence in rows]

    def reject(self, line: int, sentence: str) -> None:
        """Note what is wrong with a row; the first note about it stays."""
        self._database.execute("INSERT OR IGNORE INTO problems VALUES (?, ?)", (line, sentence))

    def rejected(self) -> Iterator[tuple[int, str, list[str]]]:
        """Yield line, problem and cells of each row that is wrong, in the file's order."""
        for line, sentence, cells in self._database.execute(REJECTED):
            yield line, sentence, json.loads(cells)


@contextmanager
def open_staging(columns: Sequence[str]) -> Iterator[Staging]:
    """Open an empty staging place, a private file that is gone when it is closed."""
    database = sqlite3.connect("", isolation_level=None)
    try:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + TABLES)
        yield Staging(database, columns)
    finally:
        database.close()
