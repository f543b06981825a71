"""The registry of deterministic improvements: every opportunity in one file, each on its own."""

import ast
import re
import tokenize
from collections import Counter
from collections.abc import Iterator

import structlog

from bot.adapters.rules.families import RULES
from bot.adapters.rules.rewrite import rewrite
from bot.adapters.rules.rule import Match, Rule
from bot.adapters.rules.source import Source
from bot.domain.finding import Finding, fingerprint, layout_free
from bot.domain.rules import Opportunity, RuleInfo
from bot.ports import Formatting

_GENERATED = re.compile(
    r"@generated|auto-?generated|generated (automatically|by|from|with)|do not (edit|modify)",
    re.IGNORECASE,
)
_IGNORED = re.compile(r"#\s*(noqa|pragma|type:\s*ignore|nosec|ironclaw:\s*ignore)", re.IGNORECASE)
_IGNORED_FILE = re.compile(r"#\s*(ironclaw:\s*ignore-file|cython:)", re.IGNORECASE)
_HEAD, _MAX_SIZE, _MAX_LINE = 1_500, 1_500_000, 2_000
_BOM = "\ufeff"
_log = structlog.get_logger(__name__)


class Rules:
    """The rule book; holds no state, so one may serve every thread."""

    def __init__(self, rules: tuple[Rule, ...] = RULES) -> None:
        self._rules = rules

    def infos(self) -> tuple[RuleInfo, ...]:
        return tuple(rule.info for rule in self._rules)

    def scan(
        self,
        file: str,
        source: str,
        *,
        only: frozenset[str] = frozenset(),
        formatting: Formatting = Formatting(),  # noqa: B008 - frozen, as the port states it
    ) -> list[Opportunity]:
        """Every opportunity in one file, each independent of the others; never raises."""
        bom, text = source[: source.startswith(_BOM)], source.removeprefix(_BOM)
        parsed = _read(file, text)
        if parsed is None:
            return []
        found: list[Opportunity] = []
        for rule in self._rules:
            if not only or rule.info.id in only:
                found += self._apply(rule, file, parsed, formatting)
        found = sorted(_distinct(found), key=lambda one: (one.finding.line, one.finding.rule))
        return [Opportunity(one.finding, source, bom + one.after) for one in found]

    def _apply(
        self, rule: Rule, file: str, source: Source, formatting: Formatting
    ) -> list[Opportunity]:
        found: list[Opportunity] = []
        try:
            seen: Counter[tuple[str, str]] = Counter()
            for match in rule.find(source):
                anchor = layout_free(source.segment(match.node))
                place = source.qualified_function(match.node), anchor
                seen[place] += 1
                suppressed = _suppressed(source, match)
                after = None if suppressed else rewrite(source, match.edits, formatting)
                if after is not None and after != source.text and _parses(after):
                    finding = _finding(rule.info, file, source, match, seen[place] - 1)
                    found.append(Opportunity(finding, source.text, after))
        except Exception:  # noqa: BLE001 - one rule at fault must not hide what the others see
            _log.warning("rule_failed", rule=rule.info.id, file=file, exc_info=True)
        return found


def _read(file: str, text: str) -> Source | None:
    if not file.endswith(".py") or not text.strip() or len(text) > _MAX_SIZE:
        return None
    head = text[:_HEAD]
    if _GENERATED.search(head) or _IGNORED_FILE.search(text):
        return None
    if max(map(len, text.split("\n"))) > _MAX_LINE:
        return None
    try:
        return Source(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return None


def _suppressed(source: Source, match: Match) -> bool:
    """Whether the author, or the way in which the code is compiled, asks for no change here."""
    if source.opaque(match.node):
        return True
    lines = {line for edit in match.edits for line in _touched(source, edit.start, edit.end)}
    lines.update(_touched(source, source.start(match.node), source.end(match.node)))
    function = source.function(match.node)
    if function is not None:
        lines.add(function.lineno)
    return any(
        source.line_of(offset) in lines and _IGNORED.match(comment)
        for offset, comment in source.comments
    )


def _touched(source: Source, start: int, end: int) -> range:
    return range(source.line_of(start), source.line_of(end) + 1)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _finding(info: RuleInfo, file: str, source: Source, match: Match, nth: int) -> Finding:
    function = source.qualified_function(match.node)
    anchor = source.segment(match.node)
    return Finding(
        id=fingerprint(info.id, file, function, anchor, nth),
        rule=info.id,
        file=file,
        line=source.line_of(source.start(match.node)),
        end_line=source.line_of(source.end(match.node)),
        function=function,
        severity=info.severity,
        description=match.description,
    )


def _distinct(found: list[Opportunity]) -> Iterator[Opportunity]:
    """Drop what two rules turn into the same text; the first rule of the registry keeps it."""
    texts: set[str] = set()
    for one in found:
        if one.after not in texts:
            texts.add(one.after)
            yield one
