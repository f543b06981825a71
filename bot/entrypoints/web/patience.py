"""Asks what may never answer, and waits only so long."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final

LATE: Final = "does not answer"


class Patience:
    """One question at a time, in a thread of its own: a database that hangs takes no other."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        self._asking = threading.Lock()
        self._asked: Future[str] | None = None

    def answer(self, seconds: float) -> str:
        """The answer, or LATE; whoever asks meanwhile waits for the same one."""
        with self._asking:
            asked = self._asked
            if asked is None or asked.done():
                asked = self._asked = Future()
                # It holds up no end of the process.
                threading.Thread(target=self._run, args=(asked,), daemon=True).start()
        try:
            return asked.result(seconds)
        except TimeoutError:
            return LATE

    def _run(self, asked: "Future[str]") -> None:
        try:
            asked.set_result(self._ask())
        except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
            asked.set_exception(error)
