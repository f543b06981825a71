"""Functions that a model may be asked about, though no rule sees anything in them."""

import ast
from collections.abc import Collection, Iterator, Mapping

from bot.domain.finding import Finding, Severity, fingerprint
from bot.domain.gate.module import last_name
from bot.domain.hotspots import Hot, Key
from bot.domain.model.target import Target, find_target, parse
from bot.domain.rules import Proof, RuleInfo

MODEL_RULE = "model-rewrite"
"""What stands in the place of a rule's name where a model writes an improvement."""
_MOST = 20
"""Functions that are asked about where nothing was measured: each costs something."""
_LOOPS = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
)

MODEL_INFO = RuleInfo(
    id=MODEL_RULE,
    title="Rewrite for speed",
    severity=Severity.MEDIUM,
    why="A language model rewrote this function. What speaks for it is what was measured below, "
    "and nothing that the model says.",
    side_conditions=("none are stated: no rule stands behind it",),
    risk="It was not made by a rule, so only the evidence above speaks for it.",
    proof=Proof(setup="pass", before="pass", after="pass", sizes=(), covers=False),
)


def model_findings(
    sources: Mapping[str, str], hot: Mapping[Key, Hot], taken: Collection[Key]
) -> list[Finding]:
    """Functions to ask about, the most promising first: the hot ones, else those that loop most.

    `taken` are functions that a rule has found already: a model is asked about those anyway.
    """
    weights = {key: place.weight for key, place in hot.items()} if hot else _nested(sources)
    ranked = sorted(weights.items(), key=lambda one: (-one[1], one[0]))
    targets = (_target(key, sources) for key, _ in ranked if key not in taken)
    found = [_finding(target, hot) for target in targets if target is not None]
    return found if hot else found[:_MOST]


def _target(key: Key, sources: Mapping[str, str]) -> Target | None:
    file, function = key
    found = find_target(file, function, sources[file]) if file in sources else ""
    return found if isinstance(found, Target) else None


def _finding(target: Target, hot: Mapping[Key, Hot]) -> Finding:
    place = hot.get((target.file, target.function))
    return Finding(
        id=fingerprint(MODEL_RULE, target.file, target.function, target.text),
        rule=MODEL_RULE,
        file=target.file,
        line=target.first_line,
        end_line=target.last_line,
        function=target.function,
        severity=Severity.MEDIUM,
        description="it takes time, and no rule knows a better way",
        evidence="" if place is None else f"{'; '.join(place.evidence)}.",
    )


def _nested(sources: Mapping[str, str]) -> dict[Key, float]:
    """How deep loops stand in each other, for functions that have any."""
    return {
        (file, name): float(depth)
        for file, source in sources.items()
        for name, depth in _loops(source)
        if depth
    }


def _loops(source: str) -> Iterator[tuple[str, int]]:
    tree = parse(source)
    todo: list[tuple[ast.AST, str]] = [(tree, "")] if tree else []
    while todo:
        node, prefix = todo.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield prefix + child.name, _depth(child)
            elif isinstance(child, ast.ClassDef):
                todo.append((child, f"{prefix}{child.name}."))
            else:
                todo.append((child, prefix))


def _depth(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The deepest nesting of loops; a recursion counts for two.

    It does not recurse itself: code may be nested as deeply as it likes.
    """
    calls = (node for node in ast.walk(function) if isinstance(node, ast.Call))
    deepest = 2 * any(last_name(call.func) == function.name for call in calls)
    todo: list[tuple[ast.AST, int]] = [(function, 0)]
    while todo:
        node, depth = todo.pop()
        deepest = max(deepest, depth)
        children = ast.iter_child_nodes(node)
        todo += [(child, depth + isinstance(child, _LOOPS)) for child in children]
    return deepest
