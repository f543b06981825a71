"""The gate's answer: every rule that a rewrite breaks, by name."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.gate import checks, hacks, power, structure
from bot.domain.gate.module import Module, read_module

Refusal = tuple[str, str]
"""The rule's name, which is stable, and what was seen, for a person."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Nothing speaks against trying it."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """It is not to be run; each rule once, in the order in which they are looked at."""

    refusals: tuple[Refusal, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The names of the rules."""
        return tuple(rule for rule, _ in self.refusals)

    @property
    def why(self) -> str:
        """All of it in one line."""
        return "; ".join(f"{rule}: {what}" for rule, what in self.refusals)


Gate = Pass | Refuse


def check_rewrite(before: str, after: str, functions: tuple[str, ...]) -> Gate:
    """Look at a module's text before and after a rewrite of these functions alone.

    Only what is new is held against it: what the module did before it may go on doing.
    """
    hidden = tuple(checks.hidden_text(before, after))
    if hidden:
        return Refuse(hidden)
    old, new = read_module(before), read_module(after)
    if isinstance(new, str):
        return Refuse((("syntax", new),))
    if isinstance(old, str):
        return Refuse((("syntax", f"the code before cannot be read: {old}"),))
    outer = tuple(dict.fromkeys(_outermost(name, old) for name in functions))
    found: dict[str, str] = {}
    for rule, what in _refusals(old, new, outer):
        found.setdefault(rule, what)
    return Refuse(tuple(found.items())) if found else Pass()


def _outermost(qualname: str, module: Module) -> str:
    """The function that holds the one that is named, which may be defined inside it."""
    parts = qualname.split(".")
    known = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    return next((name for name in known if name in module.functions), qualname)


def _refusals(old: Module, new: Module, functions: tuple[str, ...]) -> Iterator[Refusal]:
    yield from structure.refusals(old, new, functions)
    yield from power.refusals(old, new)
    for qualname in functions:
        if qualname in old.functions and qualname in new.functions:
            yield from checks.refusals(old, new, qualname)
            yield from hacks.refusals(old, new, qualname)
