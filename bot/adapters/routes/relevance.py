"""Which functions can say something of routes: only those are walked through."""

import ast
import re
from collections.abc import Iterable

HINTS = frozenset(
    {
        "APIRoute", "APIRouter", "APIWebSocketRoute", "Application", "Blueprint", "DefaultRouter",
        "FastAPI", "Flask", "Mount", "Resource", "Route", "RouteTableDef", "Router",
        "SimpleRouter", "Starlette", "WebSocketRoute", "add_api_route", "add_api_websocket_route",
        "add_delete", "add_get", "add_head", "add_namespace", "add_patch", "add_post", "add_put",
        "add_resource", "add_route", "add_routes", "add_subapp", "add_url_rule", "add_view",
        "add_websocket_route", "api_route", "as_view", "i18n_patterns", "include",
        "include_router", "mount", "re_path", "register_blueprint", "register_blueprints",
        "route", "routes", "urlpatterns", "url_prefix", "url_rule_class", "view",
    }
)  # fmt: skip
WORDS = re.compile(r"\b(" + "|".join(sorted(HINTS)) + r")\b")
_WORD = re.compile(r"[A-Za-z_]\w{3,}")
_SHORT = 4
"""Statements of a function that may just give a constant or a router."""
_NAMESAKES = 4
"""A name that more functions share says too little of what is called."""

_Function = ast.FunctionDef | ast.AsyncFunctionDef


class Relevance:
    """Knows the functions that register something themselves or call one that does."""

    def __init__(self) -> None:
        self._mentions: dict[int, frozenset[str]] = {}
        self._names: set[str] = set()
        self._called: dict[str, list[frozenset[str]]] = {}

    def learn(self, trees: Iterable[ast.Module]) -> None:
        """Take in the functions and classes of files, and who calls those that say something."""
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, _Function | ast.ClassDef):
                    self._called.setdefault(node.name, []).append(self.mentions(node))
        rare = {name: found for name, found in self._called.items() if len(found) <= _NAMESAKES}
        before = -1
        while len(self._names) != before:
            before = len(self._names)
            self._names |= {
                name
                for name, found in rare.items()
                if any(words & HINTS or words & self._names for words in found)
            }

    def names_one(self, text: str) -> bool:
        """Whether a file names a function or class that says something of routes."""
        return not self._names.isdisjoint(_WORD.findall(text))

    def mentions(self, node: ast.AST) -> frozenset[str]:
        """Every name and attribute that stands in a function."""
        known = self._mentions.get(id(node))
        if known is None:
            known = frozenset(
                part.id if isinstance(part, ast.Name) else part.attr
                for part in ast.walk(node)
                if isinstance(part, ast.Name | ast.Attribute)
            )
            self._mentions[id(node)] = known
        return known

    def registers(self, node: ast.AST) -> bool:
        """Whether a function itself speaks of routes."""
        return bool(self.mentions(node) & HINTS)

    def passes_on(self, node: ast.AST) -> bool:
        """Whether a function calls one that speaks of routes."""
        return bool(self.mentions(node) & self._names)

    def worth(self, node: ast.AST) -> bool:
        """Whether walking through a function can tell something."""
        if isinstance(node, ast.Lambda):
            return True
        if isinstance(node, _Function) and len(node.body) <= _SHORT:
            return True
        return bool(self.mentions(node) & (HINTS | self._names))
