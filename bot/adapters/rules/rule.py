"""What a rule is made of: its statement about itself, and the search for its opportunities."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.adapters.rules.source import Edit, Source
from bot.domain.finding import Severity
from bot.domain.rules import Proof, RuleInfo


@dataclass(frozen=True, slots=True)
class Match:
    """One place where a rule applies; `node` is what the finding points at."""

    node: ast.AST
    edits: tuple[Edit, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` yields independent matches and may rely on the source being readable."""

    info: RuleInfo
    find: Callable[[Source], Iterator[Match]]


def information(
    id: str,
    title: str,
    severity: Severity,
    *,
    why: str,
    measured: str,
    conditions: tuple[str, ...],
    risk: str,
    proof: Proof,
) -> RuleInfo:
    """A rule's statement about itself, in the order in which a person reads it.

    `measured` is what its proof gave when benchmarks/rules.py was last run: before over after.
    """
    why = f"{why} Measured on CPython 3.11: {measured}."
    return RuleInfo(id, title, severity, why, conditions, risk, proof)


def replaced(source: Source, node: ast.AST, text: str) -> Edit:
    """The edit that puts `text` in the place of a node."""
    return Edit(source.start(node), source.end(node), text)
