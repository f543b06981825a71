"""Progress of long work on standard error: a spinner on a terminal, plain lines in a pipe."""

from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.markup import escape

from bot.domain.improvement import Improvement, State
from bot.domain.messages import plain

if TYPE_CHECKING:
    from rich.status import Status

_COLOURS = {State.PROPOSED: "green", State.OPEN: "green", State.REJECTED: "red"}


class ConsoleProgress:
    """Shows what is being done; standard output stays free for the result."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._status: Status | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._status = self._console.status("starting")
            self._status.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def step(self, text: str) -> None:
        """Something long begins."""
        text = escape(plain(text))
        if self._status is not None:
            self._status.update(text)
        else:
            self._console.print(text, highlight=False, soft_wrap=True)

    def outcome(self, improvement: Improvement) -> None:
        """One candidate is decided."""
        finding = improvement.finding
        state = "verified" if improvement.state is State.PROPOSED else str(improvement.state)
        colour = _COLOURS.get(improvement.state, "yellow")
        text = f"{finding.rule} at {finding.file}:{finding.line}: {improvement.reason}"
        self._console.print(
            f"  [{colour}]{state}[/{colour}] {escape(plain(text))}",
            highlight=False,
            soft_wrap=True,
        )

    def paused(self, confirm: Callable[[int], bool]) -> Callable[[int], bool]:
        """The question with the spinner out of its way."""

        def ask(count: int) -> bool:
            if self._status is None:
                return confirm(count)
            self._status.stop()
            try:
                return confirm(count)
            finally:
                self._status.start()

        return ask
