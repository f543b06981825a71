"""The families of rules, one module each, and their registry in order of precedence."""

from bot.adapters.rules.families import (
    appending,
    asking,
    copies,
    dictionaries,
    extremes,
    generators,
    growth,
    imports,
    items,
    keys,
    linter,
    membership,
    queues,
    recursion,
    regexes,
    splitting,
    sums,
    tables,
)
from bot.adapters.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *recursion.RULES,
    *sums.RULES,
    *membership.RULES,
    *queues.RULES,
    *growth.RULES,
    *appending.RULES,
    *regexes.RULES,
    *tables.RULES,
    *asking.RULES,
    *splitting.RULES,
    *generators.RULES,
    *extremes.RULES,
    *copies.RULES,
    *items.RULES,
    *dictionaries.RULES,
    *keys.RULES,
    *imports.RULES,
    *linter.RULES,
)
