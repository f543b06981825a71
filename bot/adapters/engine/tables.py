"""The engine's own tables, for the few questions that it has no call for."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import TextClause, text


@dataclass(frozen=True, slots=True)
class Tables:
    """Their names: on PostgreSQL they have a schema of their own."""

    status: str = "workflow_status"
    input: str = "workflow_input"
    output: str = "workflow_output"

    def sql(self, statement: str) -> TextClause:
        """The statement with each `{name}` filled in."""
        names = {"status": self.status, "input": self.input, "output": self.output}
        return text(statement.format(**names))


_PLAIN: Final = Tables()
_IN_SCHEMA: Final = Tables("dbos.workflow_status", "dbos.workflow_input", "dbos.workflow_output")


def tables(dialect: str) -> Tables:
    """Where they are in this kind of database."""
    return _IN_SCHEMA if dialect == "postgresql" else _PLAIN
