"""Which failures of a database a person can mend, and what to tell them."""

from dataclasses import dataclass

from sqlalchemy import ExceptionContext
from sqlalchemy.exc import SQLAlchemyError

from bot.ports import UserError


class ImpossibleRowError(UserError):
    """A row says what cannot be: refused, since a guess could merge or revert the wrong thing."""

    def __init__(self, table: str, key: object, why: str) -> None:
        super().__init__(
            f"row {key!r} of table {table} is not possible: {why}",
            "Restore a backup of the database, or mend that row by hand.",
        )


@dataclass(frozen=True, slots=True)
class _Fault:
    problem: str
    remedy: str


_BUSY = _Fault(
    "the database stays locked by another process",
    "End the other Ironclaw or the tool that has the file open, then try again.",
)
_UNOPENED = _Fault(
    "the database file cannot be opened",
    "See that its folder exists and that this user may read and write in it.",
)
_READ_ONLY = _Fault(
    "the database is read-only",
    "Let this user write to the file and its folder, or to this database.",
)
_FULL = _Fault("the disk of the database is full", "Free some space, then start again.")
_CORRUPT = _Fault(
    "the database file is damaged or is no SQLite database",
    "Restore a backup (the newest .bak file), or name another file in DATABASE_URL.",
)
_DISK = _Fault(
    "the disk of the database answers with errors",
    "Look into the system's log; move the file to a disk that is local and sound.",
)
_BEHIND = _Fault(
    "the database lacks a table or column that this version needs",
    "Run `ironclaw db upgrade`.",
)
_UNREACHABLE = _Fault(
    "the database cannot be reached",
    "See that the server runs and that host, port and network in DATABASE_URL are right.",
)
_NOT_LET_IN = _Fault(
    "the database server does not let this user in",
    "See that user and password in DATABASE_URL are right.",
)
_NO_DATABASE = _Fault(
    "the database server has no such database", "Create it, or correct DATABASE_URL."
)
_NOT_ALLOWED = _Fault(
    "the database user may not do this", "Grant it the rights on the schema, or use its owner."
)
_CROWDED = _Fault(
    "the database server takes no more connections",
    "Run fewer workers, or raise max_connections.",
)

# By the start of SQLite's error name: the extended ones begin with the plain one.
_SQLITE = {
    "SQLITE_BUSY": _BUSY,
    "SQLITE_LOCKED": _BUSY,
    "SQLITE_CANTOPEN": _UNOPENED,
    "SQLITE_PERM": _UNOPENED,
    "SQLITE_AUTH": _UNOPENED,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_FULL": _FULL,
    "SQLITE_CORRUPT": _CORRUPT,
    "SQLITE_NOTADB": _CORRUPT,
    "SQLITE_IOERR": _DISK,
}
# By the start of the SQLSTATE: two characters are a class.
_POSTGRESQL = {
    "08": _UNREACHABLE,
    "57P": _UNREACHABLE,
    "28": _NOT_LET_IN,
    "3D000": _NO_DATABASE,
    "42501": _NOT_ALLOWED,
    "25006": _READ_ONLY,
    "53100": _FULL,
    "53300": _CROWDED,
    "55P03": _BUSY,
    "58030": _DISK,
    "XX001": _DISK,
    "42P01": _BEHIND,
    "42703": _BEHIND,
}


def explain(error: BaseException, where: str = "") -> UserError | None:
    """What a person can do about a driver's error, None when it is ours to mend."""
    fault = _fault(error)
    if fault is None:
        return None
    place = f" ({where})" if where else ""
    return UserError(f"{fault.problem}{place}: {_first_line(error)}", fault.remedy)


def translate(context: ExceptionContext) -> BaseException | None:
    """SQLAlchemy's hook: the error to raise instead of its own, None to leave it."""
    original = context.original_exception
    if isinstance(original, ValueError):
        return original
    if isinstance(original, SQLAlchemyError):
        return None
    return explain(original)


def _fault(error: BaseException) -> _Fault | None:
    name = getattr(error, "sqlite_errorname", None)
    if name is not None:
        known = (fault for start, fault in _SQLITE.items() if name.startswith(start))
        missing = _BEHIND if str(error).startswith("no such") else None
        return next(known, missing)
    state = getattr(error, "sqlstate", None)
    if state is not None:
        return next(
            (fault for start, fault in _POSTGRESQL.items() if state.startswith(start)), None
        )
    return _without_a_code(error)


def _without_a_code(error: BaseException) -> _Fault | None:
    """Before there is a session psycopg gives words and no code."""
    if type(error).__module__.partition(".")[0] != "psycopg":
        return None
    if type(error).__name__ not in ("OperationalError", "ConnectionTimeout"):
        return None
    text = str(error)
    if "authentication failed" in text or "no password supplied" in text:
        return _NOT_LET_IN
    if "role" in text and "does not exist" in text:
        return _NOT_LET_IN
    if "database" in text and "does not exist" in text:
        return _NO_DATABASE
    if "too many" in text:
        return _CROWDED
    return _UNREACHABLE


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
