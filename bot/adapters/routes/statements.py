"""Runs statements for what they define and register; every branch of a condition is taken."""

import ast
from abc import abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from bot.adapters.routes.expressions import Evaluator, added, better, inner_name, rounds
from bot.adapters.routes.values import (
    UNKNOWN,
    Class,
    Function,
    Imported,
    Instance,
    Method,
    Module,
    Router,
    Scope,
    Value,
)


class Executor(Evaluator):
    """Executes statements in a scope."""

    @abstractmethod
    def decorate(self, decorator: Value, target: Function | Class, scope: Scope) -> None:
        """The effects of a decorator on a function or class; the name keeps meaning that."""

    @abstractmethod
    def import_star(self, module: str, scope: Scope) -> None:
        """Bind the public names of a module."""

    def run(self, body: Sequence[ast.stmt], scope: Scope) -> None:
        """Execute statements; one too deeply nested to be read is passed over."""
        for statement in body:
            try:
                self._statement(statement, scope)
            except RecursionError:
                continue

    def _statement(self, node: ast.stmt, scope: Scope) -> None:
        self.steps -= 1
        execute = self._STATEMENTS.get(type(node))
        if execute is not None:
            execute(self, node, scope)

    def _assign(self, node: ast.Assign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for target in node.targets:
            self.bind(target, value, scope)

    def _annotated(self, node: ast.AnnAssign, scope: Scope) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value, scope), scope)

    def _expression(self, node: ast.Expr, scope: Scope) -> None:
        self.value(node.value, scope)

    def _return(self, node: ast.Return, scope: Scope) -> None:
        scope.result = better(scope.result, self.value(node.value, scope))

    def _if_else(self, node: ast.If, scope: Scope) -> None:
        self.value(node.test, scope)
        self._branches([node.body, node.orelse], scope)

    def _for(self, node: ast.For | ast.AsyncFor, scope: Scope) -> None:
        for item in rounds(self.value(node.iter, scope)):
            self.bind(node.target, item, scope)
            self.run(node.body, scope)

    def _while(self, node: ast.While, scope: Scope) -> None:
        self.run(node.body, scope)

    def _try(self, node: ast.Try | ast.TryStar, scope: Scope) -> None:
        caught = [handler.body for handler in node.handlers]
        self._branches([[*node.body, *node.orelse], *caught], scope)
        self.run(node.finalbody, scope)

    def _match(self, node: ast.Match, scope: Scope) -> None:
        self._branches([case.body for case in node.cases], scope)

    def _global(self, node: ast.Global, scope: Scope) -> None:
        scope.global_names.update(node.names)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
        name = f"{inner_name(scope)}{node.name}"
        function = Function(node, scope, name, owner=scope.of_class)
        scope.names[node.name] = function
        for decorator in reversed(node.decorator_list):
            self.decorate(self.value(decorator, scope), function, scope)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        name = f"{inner_name(scope)}{node.name}"
        body = Scope(scope.module, scope, qualname=name)
        bases = tuple(self.value(base, scope) for base in node.bases)
        cls = Class(node, scope, name, bases, body)
        body.of_class = cls
        self.run(node.body, body)
        scope.names[node.name] = cls
        for decorator in reversed(node.decorator_list):
            self.decorate(self.value(decorator, scope), cls, scope)

    def _augment(self, node: ast.AugAssign, scope: Scope) -> None:
        value = self.value(node.value, scope)
        old = self._target_value(node.target, scope)
        if isinstance(old, list) and isinstance(value, list | tuple):
            # In place, as Python does it: other names of the list see it too.
            old.extend(value)
        elif isinstance(node.op, ast.Add):
            self.bind(node.target, added(old, value), scope)

    def _target_value(self, node: ast.expr, scope: Scope) -> Value:
        return UNKNOWN if isinstance(node, ast.Subscript) else self.value(node, scope)

    def _branches(self, bodies: Iterable[Sequence[ast.stmt]], scope: Scope) -> None:
        """Run every branch; a name keeps the first of them that says something."""
        before = dict(scope.names)
        chosen: dict[str, Value] = {}
        for body in bodies:
            self.run(body, scope)
            for name, value in scope.names.items():
                if name not in before or before[name] is not value:
                    chosen[name] = better(chosen.get(name, UNKNOWN), value)
            # Lists that were appended to stay so; names begin again as they were.
            scope.names.update({name: before[name] for name in chosen if name in before})
        scope.names.update(chosen)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            value = self.value(item.context_expr, scope)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        self.run(node.body, scope)

    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        match target:
            case ast.Name():
                home = scope.module.scope if target.id in scope.global_names else scope
                home.names[target.id] = value
            case ast.Attribute():
                self._set_attribute(self.value(target.value, scope), target.attr, value)
            case ast.Tuple() | ast.List():
                self._unpack(target.elts, value, scope)
            case ast.Subscript():
                self._set_item(self.value(target.value, scope), target, value, scope)
            case ast.Starred():
                self.bind(target.value, value, scope)
            case _:
                pass

    def _unpack(self, targets: Sequence[ast.expr], value: Value, scope: Scope) -> None:
        known = isinstance(value, list | tuple) and len(value) == len(targets)
        for index, target in enumerate(targets):
            self.bind(target, value[index] if known else UNKNOWN, scope)

    def _set_attribute(self, owner: Value, name: str, value: Value) -> None:
        if isinstance(owner, Instance | Router):
            owner.attributes[name] = better(value, owner.attributes.get(name, value))
        elif isinstance(owner, Class):
            owner.body.names[name] = value
        elif isinstance(owner, Function):
            owner.marks[name] = value
        elif isinstance(owner, Module):
            owner.scope.names[name] = value
        if isinstance(owner, Router) and name == "prefix" and isinstance(value, str):
            owner.prefix = value

    def _set_item(self, owner: Value, target: ast.Subscript, value: Value, scope: Scope) -> None:
        key = self.value(target.slice, scope)
        if isinstance(owner, dict) and isinstance(key, str | int):
            owner[key] = value
        elif isinstance(owner, list) and isinstance(target.slice, ast.Slice):
            owner.extend(value if isinstance(value, list | tuple) else ())
        elif isinstance(owner, Router) and isinstance(key, str):
            self.call(Method(owner, "__setitem__"), self.plain_call(scope, key, value))

    @abstractmethod
    def plain_call(self, scope: Scope, *values: Value) -> "Value":
        """Arguments of a call that stands nowhere in the code."""

    def _import(self, node: ast.Import, scope: Scope) -> None:
        for alias in node.names:
            if alias.asname:
                scope.names[alias.asname] = Imported(alias.name, "", scope.module)
            else:
                top = alias.name.partition(".")[0]
                scope.names[top] = Imported(top, "", scope.module)

    def _import_from(self, node: ast.ImportFrom, scope: Scope) -> None:
        module = absolute(scope.module, node.module or "", node.level)
        for alias in node.names:
            if alias.name == "*":
                self.import_star(module, scope)
            else:
                scope.names[alias.asname or alias.name] = Imported(module, alias.name, scope.module)

    _STATEMENTS: ClassVar[dict[type[ast.stmt], Callable[["Executor", Any, Scope], None]]] = {
        ast.FunctionDef: _function,
        ast.AsyncFunctionDef: _function,
        ast.ClassDef: _class,
        ast.Assign: _assign,
        ast.AnnAssign: _annotated,
        ast.AugAssign: _augment,
        ast.Expr: _expression,
        ast.Return: _return,
        ast.If: _if_else,
        ast.For: _for,
        ast.AsyncFor: _for,
        ast.While: _while,
        ast.With: _with,
        ast.AsyncWith: _with,
        ast.Try: _try,
        ast.TryStar: _try,
        ast.Match: _match,
        ast.Global: _global,
        ast.Import: _import,
        ast.ImportFrom: _import_from,
    }


def absolute(importer: Module, module: str, level: int) -> str:
    """The dotted name that `from ..module import` means."""
    if not level:
        return module
    parts = importer.package.split(".") if importer.package else []
    base = parts[: len(parts) - level + 1] if level - 1 < len(parts) else []
    return ".".join([*base, *([module] if module else [])])
