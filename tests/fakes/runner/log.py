"""The lines that a step prints: workflow commands, masks, and what a person sees."""

import re
from dataclasses import dataclass, field

_COMMAND = re.compile(r"^\s*::([a-z-]+)(?: ([^:]*(?:%3A[^:]*)*))?::(.*)$")


@dataclass(frozen=True)
class Shown:
    """One annotation."""

    level: str
    text: str
    properties: dict[str, str]


@dataclass
class Log:
    """Everything that was printed, with the secrets hidden."""

    lines: list[str] = field(default_factory=list)
    annotations: list[Shown] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    stopped_by: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def mask(self, secret: str) -> None:
        if secret:
            self.masks.append(secret)

    def take(self, line: str) -> None:
        """One line of a step's output."""
        if self.stopped_by:
            if line.strip() == f"::{self.stopped_by}::":
                self.stopped_by = ""
            else:
                self._show(line)
            return
        found = _COMMAND.match(line)
        match found and found[1]:
            case "stop-commands":
                self.stopped_by = found[3] if found else ""
            case "add-mask":
                self.mask(_unescaped(found[3]) if found else "")
            case "error" | "warning" | "notice" as level if found:
                given = [one.partition("=") for one in (found[2] or "").split(",") if one]
                properties = {name.strip(): _property(value) for name, _, value in given}
                text = self._hidden(_unescaped(found[3]))
                self.annotations.append(Shown(level, text, properties))
                self._show(f"{level}: {text}")
            case _:
                self._show(line)

    def _show(self, line: str) -> None:
        self.lines.append(self._hidden(line))

    def _hidden(self, text: str) -> str:
        for secret in sorted(self.masks, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def _unescaped(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def _property(text: str) -> str:
    return _unescaped(text.replace("%3A", ":").replace("%2C", ","))
