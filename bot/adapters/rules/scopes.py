"""Which name means what: the scopes of a module and the binding every name resolves to."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

Function = ast.FunctionDef | ast.AsyncFunctionDef
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_DYNAMIC = frozenset({"exec", "eval", "locals", "vars", "globals", "dir", "compile", "_getframe"})


@dataclass(eq=False, slots=True)
class Scope:
    """One namespace: the names bound in it, and whether code may look at it by other means."""

    node: ast.AST
    parent: "Scope | None"
    bindings: dict[str, list[ast.AST]] = field(default_factory=dict)
    elsewhere: dict[str, "Scope"] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    dynamic: bool = False

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def is_comprehension(self) -> bool:
        return isinstance(self.node, _COMPREHENSIONS)


class ScopeMap:
    """The scopes of one module."""

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope(tree, None)
        self.star_import = False
        self.of_name: dict[ast.Name, Scope] = {}
        self.of_node: dict[ast.AST, Scope] = {tree: self.module}
        self._late: list[tuple[Scope, ast.Global | ast.Nonlocal]] = []
        self._pending: list[tuple[Scope, str, ast.AST]] = []
        self._walk_all(tree.body, self.module)
        self._declare()
        self._references: dict[tuple[Scope, str], list[ast.Name]] | None = None

    def resolve(self, name: ast.Name) -> Scope | None:
        """The scope in which the name is bound, or None for a builtin (or unknown) name."""
        return self.lookup(name.id, self.of_name[name])

    def lookup(self, name: str, start: Scope) -> Scope | None:
        scope: Scope | None = start
        while scope is not None:
            if name in scope.elsewhere:
                return scope.elsewhere[name]
            if name in scope.bindings and (scope is start or not scope.is_class):
                return scope
            scope = scope.parent
        return None

    def references(self, scope: Scope, name: str) -> list[ast.Name]:
        """Every Name node that means this binding, in source order."""
        if self._references is None:
            self._references = {}
            for node in self.of_name:
                found = self.resolve(node)
                if found is not None:
                    self._references.setdefault((found, node.id), []).append(node)
            for names in self._references.values():
                names.sort(key=lambda node: (node.lineno, node.col_offset))
        return self._references.get((scope, name), [])

    def _declare(self) -> None:
        for scope, declaration in self._late:
            for name in declaration.names:
                shared = isinstance(declaration, ast.Global)
                home = self.module if shared else self._enclosing(scope, name)
                scope.elsewhere[name] = home
                home.shared.add(name)
        for scope, name, node in self._pending:
            scope.elsewhere.get(name, scope).bindings.setdefault(name, []).append(node)

    def _enclosing(self, scope: Scope, name: str) -> Scope:
        bound = {(home, pending) for home, pending, _ in self._pending}
        outer = scope.parent
        while outer is not None and (outer.is_class or (outer, name) not in bound):
            outer = outer.parent
        return outer or self.module

    def _bind(self, scope: Scope, name: str, node: ast.AST) -> None:
        self._pending.append((scope, name, node))

    def _walk_all(self, nodes: list[ast.stmt] | list[ast.expr], scope: Scope) -> None:
        for node in nodes:
            self._walk(node, scope)

    def _walk(self, node: ast.AST, scope: Scope) -> None:
        self.of_node[node] = scope
        if isinstance(node, _FUNCTIONS):
            self._function(node, scope)
        elif isinstance(node, ast.ClassDef):
            self._class(node, scope)
        elif isinstance(node, _COMPREHENSIONS):
            self._comprehension(node, scope)
        else:
            self._plain(node, scope)

    def _plain(self, node: ast.AST, scope: Scope) -> None:
        match node:
            case ast.Name():
                self.of_name[node] = scope
                if not isinstance(node.ctx, ast.Load):
                    self._bind(scope, node.id, node)
            case ast.NamedExpr():
                self._walrus(node, scope)
                return
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Global() | ast.Nonlocal():
                self._late.append((scope, node))
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
                if name in _DYNAMIC and not _is_regex_compile(node.func):
                    scope.dynamic = True
            case _:
                self._bind_caught(node, scope)
        for child in ast.iter_child_nodes(node):
            self._walk(child, scope)

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> None:
        """Bind in the function around, as `:=` does inside a comprehension."""
        home = scope
        while home.is_comprehension and home.parent is not None:
            home = home.parent
        self.of_name[node.target] = home
        self.of_node[node.target] = home
        self._bind(home, node.target.id, node.target)
        self._walk(node.value, scope)

    def _bind_caught(self, node: ast.AST, scope: Scope) -> None:
        """Bind what `except ... as` and the patterns of `match` name."""
        if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            self._bind(scope, node.name, node)
        if isinstance(node, ast.MatchMapping) and node.rest:
            self._bind(scope, node.rest, node)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for alias in node.names:
            if alias.name == "*":
                self.star_import = True
            else:
                self._bind(scope, alias.asname or alias.name.split(".")[0], alias)

    def _function(self, node: Function | ast.Lambda, scope: Scope) -> None:
        inner = Scope(node, scope)
        arguments = node.args
        self._walk_all(arguments.defaults, scope)
        self._walk_all([default for default in arguments.kw_defaults if default], scope)
        for argument in _arguments(arguments):
            self._bind(inner, argument.arg, argument)
            self.of_node[argument] = inner
            if argument.annotation is not None:
                self._walk(argument.annotation, scope)
        if isinstance(node, ast.Lambda):
            self._walk(node.body, inner)
            return
        self._bind(scope, node.name, node)
        self._walk_all(node.decorator_list, scope)
        if node.returns is not None:
            self._walk(node.returns, scope)
        self._walk_all(node.body, inner)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        self._bind(scope, node.name, node)
        self._walk_all(node.decorator_list, scope)
        self._walk_all(node.bases, scope)
        self._walk_all([keyword.value for keyword in node.keywords], scope)
        self._walk_all(node.body, Scope(node, scope))

    def _comprehension(self, node: ast.AST, scope: Scope) -> None:
        inner = Scope(node, scope)
        generators: list[ast.comprehension] = getattr(node, "generators", [])
        for position, generator in enumerate(generators):
            self._walk(generator.iter, inner if position else scope)
            self._walk(generator.target, inner)
            self._walk_all(generator.ifs, inner)
        for part in ("elt", "key", "value"):
            child = getattr(node, part, None)
            if child is not None:
                self._walk(child, inner)


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (extra for extra in (arguments.vararg, arguments.kwarg) if extra)


def _is_regex_compile(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "compile"
