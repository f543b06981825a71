"""`ironclaw` as a page writes it: its command, sub-command and options must be there."""

from typing import Any

import typer

from bot.entrypoints.cli import app

PROGRAM: Any = typer.main.get_command(app)


class UndocumentedError(AssertionError):
    """A page names what the program does not have."""


def command_of(words: tuple[str, ...]) -> tuple[tuple[str, ...], Any]:
    """The path of the command that these words name, and the command."""
    path: tuple[str, ...] = ()
    command = PROGRAM
    for word in words:
        if not hasattr(command, "list_commands") or word.startswith("-") or word.isupper():
            break  # In capitals stands what a reader fills in.
        try:
            # The program imports a command when it resolves its name, and not before.
            context = command.make_context("ironclaw", [word])
            _, found, _ = command.resolve_command(context, [word])
        except Exception as error:
            named_here = " ".join((*path, word))
            raise UndocumentedError(f"there is no command `{named_here}`") from error
        path, command = (*path, word), found
    return path, command


def named(words: tuple[str, ...]) -> None:
    """Every option among the words is one of their command; the values stay unread."""
    path, command = command_of(words)
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
    known |= {"--help"}
    for word in words[len(path) :]:
        option = word.partition("=")[0]
        if option.startswith("--") and option not in known:
            raise UndocumentedError(f"`{' '.join(path)}` has no option {option}")


def parsed(words: tuple[str, ...]) -> tuple[str, ...]:
    """The command's path, once the program itself has read all its options and their values."""
    named(words)
    path, command = command_of(words)
    try:
        command.make_context(" ".join(path), list(words[len(path) :]))
    except Exception as error:
        # Typer's own errors are private to it, and say what is wrong in a method of theirs.
        message = error.format_message() if hasattr(error, "format_message") else str(error)
        raise UndocumentedError(f"`ironclaw {' '.join(words)}`: {message}") from error
    return path
