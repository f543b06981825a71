"""The families of rules, one module each, and their registry in order of precedence."""

from bot.adapters.rules.families import (
    copies,
    dictionaries,
    generators,
    imports,
    keys,
    linter,
    queues,
    regexes,
    repeated,
    searching,
    splitting,
)
from bot.adapters.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *repeated.RULES,
    *queues.RULES,
    *regexes.RULES,
    *splitting.RULES,
    *generators.RULES,
    *copies.RULES,
    *searching.RULES,
    *dictionaries.RULES,
    *keys.RULES,
    *imports.RULES,
    *linter.RULES,
)
