"""The families of rules, one module each, and their registry in order of precedence."""

from bot.adapters.rules.families import regexes
from bot.adapters.rules.rule import Rule

RULES: tuple[Rule, ...] = (*regexes.RULES,)
