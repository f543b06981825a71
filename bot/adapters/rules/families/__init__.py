"""The families of rules, one module each, and their registry in order of precedence."""

from bot.adapters.rules.families import copies, generators, imports, keys, regexes, splitting
from bot.adapters.rules.rule import Rule

RULES: tuple[Rule, ...] = (
    *regexes.RULES,
    *splitting.RULES,
    *generators.RULES,
    *copies.RULES,
    *keys.RULES,
    *imports.RULES,
)
