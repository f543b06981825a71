"""What an expression stands for, told without running it; what cannot be told is UNKNOWN."""

import ast
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from bot.adapters.routes.values import UNKNOWN, Call, External, Function, Scope, Value

LONGEST_TEXT = 2_000
LONGEST_LIST = 20_000
_ROUNDS = 300
"""Elements of a loop or a comprehension that are looked at."""


class OutOfSteps(Exception):  # noqa: N818  it is no error of the code read
    """So much was looked at that the rest is left unread."""


class Evaluator(ABC):
    """Evaluates expressions; calls and attributes are the business of the classes below it."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    @abstractmethod
    def call(self, function: Value, call: Call) -> Value:
        """What a call gives, with its effects on the routers."""

    @abstractmethod
    def attribute(self, owner: Value, name: str) -> Value:
        """What an attribute of a value is."""

    @abstractmethod
    def name(self, name: str, scope: Scope) -> Value:
        """What a name means in a scope."""

    @abstractmethod
    def stub(self, node: ast.expr, owner: Value, method: str, call: Call) -> Value:
        """What a method is of that cannot be told itself, judged by its name and arguments."""

    @abstractmethod
    def bind(self, target: ast.expr, value: Value, scope: Scope) -> None:
        """Assign a value to a target."""

    def value(self, node: ast.expr | None, scope: Scope) -> Value:
        """What the expression stands for."""
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps
        if node is None:
            return None
        if isinstance(node, ast.Constant):
            return node.value
        evaluate = self._KINDS.get(type(node))
        return UNKNOWN if evaluate is None else evaluate(self, node, scope)

    def _items(self, nodes: Iterable[ast.expr], scope: Scope) -> list[Value]:
        found: list[Value] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found += iterate(self.value(node.value, scope)) or ()
            else:
                found.append(self.value(node, scope))
        return found[:LONGEST_LIST]

    def _name(self, node: ast.Name, scope: Scope) -> Value:
        return self.name(node.id, scope)

    def _attribute(self, node: ast.Attribute, scope: Scope) -> Value:
        return self.attribute(self.value(node.value, scope), node.attr)

    def _list(self, node: ast.List, scope: Scope) -> Value:
        return self._items(node.elts, scope)

    def _tuple(self, node: ast.Tuple, scope: Scope) -> Value:
        return tuple(self._items(node.elts, scope))

    def _dict(self, node: ast.Dict, scope: Scope) -> Value:
        found: dict[Value, Value] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            read = self.value(value, scope)
            if key is None:
                found |= read if isinstance(read, dict) else {}
            else:
                name = self.value(key, scope)
                if isinstance(name, str | int | External | type(None)):
                    found[name] = read
        return found

    def _call(self, node: ast.Call, scope: Scope) -> Value:
        call = self._arguments(node, scope)
        if isinstance(node.func, ast.Attribute):
            owner = self.value(node.func.value, scope)
            if _is_opaque(owner):
                stub = self.stub(node.func.value, owner, node.func.attr, call)
                owner = owner if stub is UNKNOWN else stub
            return self.call(self.attribute(owner, node.func.attr), call)
        return self.call(self.value(node.func, scope), call)

    def _arguments(self, node: ast.Call, scope: Scope) -> Call:
        named: dict[str, Value] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, scope)
            if keyword.arg is not None:
                named[keyword.arg] = value
            elif isinstance(value, dict):
                named |= {key: one for key, one in value.items() if isinstance(key, str)}
        place = f"{scope.module.file}:{node.lineno}"
        return Call(tuple(self._items(node.args, scope)), named, place, scope)

    def _binary(self, node: ast.BinOp, scope: Scope) -> Value:
        left, right = self.value(node.left, scope), self.value(node.right, scope)
        if isinstance(node.op, ast.Add):
            return added(left, right)
        if isinstance(node.op, ast.Mod) and isinstance(left, str):
            return _percent(left, right)
        if isinstance(node.op, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
            return left | right
        return UNKNOWN

    def _either(self, node: ast.BoolOp, scope: Scope) -> Value:
        values = [self.value(one, scope) for one in node.values]
        if isinstance(node.op, ast.Or):
            return next((one for one in values if one is not UNKNOWN and one), values[-1])
        return values[-1]

    def _if(self, node: ast.IfExp, scope: Scope) -> Value:
        return better(self.value(node.body, scope), self.value(node.orelse, scope))

    def _joined(self, node: ast.JoinedStr, scope: Scope) -> Value:
        parts = [self.value(part, scope) for part in node.values]
        if all(isinstance(part, str) for part in parts):
            return "".join(parts)[:LONGEST_TEXT]
        return UNKNOWN

    def _formatted(self, node: ast.FormattedValue, scope: Scope) -> Value:
        value = self.value(node.value, scope)
        if isinstance(value, str | int) and node.format_spec is None:
            return str(value)
        return UNKNOWN

    def _subscript(self, node: ast.Subscript, scope: Scope) -> Value:
        owner, key = self.value(node.value, scope), self.value(node.slice, scope)
        if isinstance(owner, dict):
            return owner.get(key, UNKNOWN) if isinstance(key, str | int) else UNKNOWN
        if isinstance(owner, list | tuple | str) and isinstance(key, int):
            return owner[key] if -len(owner) <= key < len(owner) else UNKNOWN
        return UNKNOWN

    def _lambda(self, node: ast.Lambda, scope: Scope) -> Value:
        return Function(node, scope, f"{inner_name(scope)}<lambda>")

    def _await(self, node: ast.Await, scope: Scope) -> Value:
        return self.value(node.value, scope)

    def _starred(self, node: ast.Starred, scope: Scope) -> Value:
        return self.value(node.value, scope)

    def _walrus(self, node: ast.NamedExpr, scope: Scope) -> Value:
        value = self.value(node.value, scope)
        self.bind(node.target, value, scope)
        return value

    def _comprehension(self, node: ast.ListComp, scope: Scope) -> Value:
        inner = Scope(scope.module, scope, qualname=scope.qualname, of_class=scope.of_class)
        return [self.value(node.elt, inner) for _ in self._rounds(node.generators, inner)]

    def _dict_comprehension(self, node: ast.DictComp, scope: Scope) -> Value:
        inner = Scope(scope.module, scope, qualname=scope.qualname, of_class=scope.of_class)
        found: dict[Value, Value] = {}
        for _ in self._rounds(node.generators, inner):
            key = self.value(node.key, inner)
            if isinstance(key, str | int):
                found[key] = self.value(node.value, inner)
        return found

    def _rounds(self, generators: list[ast.comprehension], scope: Scope) -> Iterator[None]:
        first, *others = generators
        for item in (iterate(self.value(first.iter, scope)) or ())[:_ROUNDS]:
            self.bind(first.target, item, scope)
            if others:
                yield from self._rounds(others, scope)
            else:
                yield None

    _KINDS: ClassVar[dict[type[ast.expr], Callable[["Evaluator", Any, Scope], Value]]] = {
        ast.Name: _name,
        ast.Attribute: _attribute,
        ast.List: _list,
        ast.Set: _list,
        ast.Tuple: _tuple,
        ast.Dict: _dict,
        ast.Call: _call,
        ast.BinOp: _binary,
        ast.BoolOp: _either,
        ast.IfExp: _if,
        ast.JoinedStr: _joined,
        ast.FormattedValue: _formatted,
        ast.Subscript: _subscript,
        ast.Lambda: _lambda,
        ast.Await: _await,
        ast.Starred: _starred,
        ast.NamedExpr: _walrus,
        ast.ListComp: _comprehension,
        ast.GeneratorExp: _comprehension,
        ast.SetComp: _comprehension,
        ast.DictComp: _dict_comprehension,
    }


def iterate(value: Value) -> list[Value] | None:
    """The elements of a value that is iterated over, None if they are not known."""
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)[:LONGEST_LIST]
    return list(value) if isinstance(value, dict) else None


def rounds(value: Value) -> list[Value]:
    """The elements that a loop is run for; one round with an unknown one if none is known."""
    items = iterate(value)
    return [UNKNOWN] if items is None else items[:_ROUNDS]


def better(first: Value, second: Value) -> Value:
    """Of two values that may both be: the one that says something."""
    return second if first is UNKNOWN or first is None else first


def added(left: Value, right: Value) -> Value:
    """The sum of two texts or lists; a list keeps what is known of it."""
    if isinstance(left, str) and isinstance(right, str):
        return (left + right)[:LONGEST_TEXT]
    if isinstance(left, list | tuple) or isinstance(right, list | tuple):
        both = [*(iterate(left) or ()), *(iterate(right) or ())][:LONGEST_LIST]
        return tuple(both) if isinstance(left, tuple) else both
    return UNKNOWN


def inner_name(scope: Scope) -> str:
    """How qualified names of what is defined in this scope begin."""
    if not scope.qualname:
        return ""
    return f"{scope.qualname}." if scope.of_class else f"{scope.qualname}.<locals>."


def _percent(text: str, right: Value) -> Value:
    values = right if isinstance(right, tuple) else (right,)
    plain = text.count("%s") == text.count("%") == len(values)
    if plain and all(isinstance(value, str | int) for value in values):
        return (text % values)[:LONGEST_TEXT]
    return UNKNOWN


def _is_opaque(value: Value) -> bool:
    return value is UNKNOWN or value is None or isinstance(value, External)
