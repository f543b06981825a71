"""Walks through a repository's code as Python would, without running any of it."""

import ast
from collections.abc import Callable, Iterable, Sequence

from bot.adapters.routes import builtin
from bot.adapters.routes.expressions import LONGEST_TEXT, better
from bot.adapters.routes.files import LIBRARIES, Project
from bot.adapters.routes.interface import Framework
from bot.adapters.routes.relevance import Relevance
from bot.adapters.routes.statements import Executor
from bot.adapters.routes.values import (
    UNKNOWN,
    Bound,
    Call,
    Class,
    Entry,
    External,
    Fact,
    Function,
    Imported,
    Instance,
    Method,
    Module,
    Registration,
    Router,
    Scope,
    Super,
    Value,
    View,
    is_view,
)

_DEEPEST_CALL = 18
_MOST_CALLS = 400
"""How often one function is walked through: enough for a helper that registers every route."""
_MOST_BASES = 40
_FOLLOWED_IMPORTS = 12


class Machine(Executor):
    """Modules, calls and attributes; what frameworks do is asked of them."""

    def __init__(
        self, project: Project, frameworks: Sequence[Framework], relevance: Relevance, steps: int
    ) -> None:
        super().__init__(steps)
        self.project = project
        self.routers: list[Router] = []
        self.called: dict[int, int] = {}
        self.functions: list[Function] = []
        self._frameworks = frameworks
        self._relevance = relevance
        self._depth = 0
        self._following = 0
        self._settings: list[Module] | None = None
        self._stubs: dict[tuple[str, str], Router] = {}

    # Modules

    def execute(self, module: Module) -> None:
        """Run a module's statements once."""
        if module.begun:
            return
        module.begun = True
        depth, self._depth = self._depth, 0
        self.run(module.tree.body, module.scope)
        self._depth = depth

    def module(self, name: str, call: Call) -> Module | None:
        return self._found(name, call.scope.module)

    def _found(self, name: str, importer: Module) -> Module | None:
        if name.startswith("."):
            level = len(name) - len(name.lstrip("."))
            parts = importer.package.split(".")
            name = ".".join([*parts[: len(parts) - level + 1], name.lstrip(".")])
        return self.project.find(name, importer)

    def import_star(self, module: str, scope: Scope) -> None:
        found = self.project.find(module, scope.module)
        if found is None:
            return
        self.execute(found)
        public = found.scope.names.get("__all__")
        names = public if isinstance(public, list | tuple) else list(found.scope.names)
        for name in names:
            if isinstance(name, str) and (public or not name.startswith("_")):
                scope.names[name] = Imported(module, name, scope.module)

    def _follow(self, wanted: Imported) -> Value:
        if self._following > _FOLLOWED_IMPORTS:
            return UNKNOWN
        self._following += 1
        try:
            return self._imported(wanted)
        finally:
            self._following -= 1

    def _imported(self, wanted: Imported) -> Value:
        module = self.project.find(wanted.module, wanted.importer)
        if not wanted.attribute:
            return module or self._folder_or_library(wanted.module)
        if module is not None:
            value = self._of_module(module, wanted.attribute)
            if value is not UNKNOWN:
                return value
        whole = f"{wanted.module}.{wanted.attribute}"
        inner = self.project.find(whole, wanted.importer)
        if inner is not None or module is not None:
            return inner or UNKNOWN
        return self._folder_or_library(whole)

    def _folder_or_library(self, name: str) -> Value:
        return External(name)

    def _of_module(self, module: Module, name: str) -> Value:
        self.execute(module)
        value = module.scope.names.get(name, UNKNOWN)
        if isinstance(value, Imported):
            value = self._follow(value)
        if value is UNKNOWN and module.file.endswith("__init__.py"):
            return self.project.find(f"{module.name}.{name}", module) or UNKNOWN
        return value

    def setting(self, name: str) -> Value:
        value: Value = UNKNOWN
        for module in self.settings():
            value = better(value, self._of_module(module, name))
        return value

    def settings(self) -> list[Module]:
        """The modules that look like Django settings."""
        if self._settings is None:
            self._settings = [
                module
                for file in self.project.files
                if "settings" in file and "test" not in file
                if "INSTALLED_APPS" in self.project.text(file)
                or "ROOT_URLCONF" in self.project.text(file)
                if (module := self.project.load(file)) is not None
            ]
        return self._settings

    # Names and attributes

    def name(self, name: str, scope: Scope) -> Value:
        current: Scope | None = scope
        while current is not None:
            # A class's names are not seen from its methods.
            if name in current.names and (current is scope or current.of_class is None):
                value = current.names[name]
                return self._follow(value) if isinstance(value, Imported) else value
            current = current.parent
        if name == "super":
            return External("builtins.super")
        if name == "__name__":
            return scope.module.name
        if name == "__package__":
            return scope.module.package
        return External(f"builtins.{name}") if name in builtin.NAMES else UNKNOWN

    def attribute(self, owner: Value, name: str) -> Value:
        match owner:
            case Module():
                return self._of_module(owner, name)
            case External():
                return self._external(owner, name)
            case Class():
                return self._of_class(owner, name)
            case Instance():
                return self._of_instance(owner, name)
            case Router():
                return self._of_router(owner, name)
            case Super():
                return self._of_super(owner, name)
            case Function():
                return owner.marks.get(name, UNKNOWN)
            case Method(owner=Router() as router, name="routes"):
                return Method(router, f"routes.{name}")
            case str() | list() | dict() | tuple() | Bound() | View():
                return Method(owner, name)
            case _:
                return UNKNOWN

    def _external(self, owner: External, name: str) -> Value:
        path = f"{owner.path}.{name}"
        if path.startswith("django.conf.settings.") and path.count(".") == 3:
            return better(self.setting(name), External(path))
        module = self.project.find(path)
        if module is not None:
            return module
        return External(path) if len(path) < LONGEST_TEXT else UNKNOWN

    def _of_class(self, cls: Class, name: str) -> Value:
        value = self.member(cls, name)
        if value is UNKNOWN and name == "__name__":
            return cls.node.name
        if isinstance(value, Function) and value.marks.get("classmethod"):
            return Bound(value, cls)
        return Method(cls, name) if value is UNKNOWN else value

    def _of_instance(self, owner: Instance, name: str) -> Value:
        if name in owner.attributes:
            return owner.attributes[name]
        value = self.member(owner.cls, name)
        if isinstance(value, Function):
            return self._bound(value, owner)
        if value is UNKNOWN and name == "__class__":
            return owner.cls
        return Method(owner, name) if value is UNKNOWN and self._is_special(owner.cls) else value

    def _is_special(self, cls: Class) -> bool:
        return bool(self.ancestors(cls))

    def _bound(self, function: Function, owner: Value) -> Value:
        if function.marks.get("property"):
            return self.call(Bound(function, owner), self.plain_call(function.scope))
        if function.marks.get("staticmethod"):
            return function
        if function.marks.get("classmethod") and isinstance(owner, Instance):
            return Bound(function, owner.cls)
        return Bound(function, owner)

    def _of_router(self, owner: Router, name: str) -> Value:
        if name in owner.attributes:
            return owner.attributes[name]
        value = self.member(owner.cls, name) if owner.cls else UNKNOWN
        if isinstance(value, Function):
            return self._bound(value, owner)
        if name == "router":
            return owner
        if owner.kind == "rest" and name == "urls":
            return [Entry(owner.framework, "", (), owner, owner.place, mount=True)]
        if owner.kind == "rest" and name == "registry":
            return owner.facts
        return Method(owner, name) if value is UNKNOWN else value

    def _of_super(self, owner: Super, name: str) -> Value:
        for base in owner.cls.bases:
            value = self.member(base, name) if isinstance(base, Class) else UNKNOWN
            if isinstance(value, Function):
                return self._bound(value, owner.owner)
            if value is not UNKNOWN:
                return value
        return Method(owner.owner, name)

    def member(self, cls: Class, name: str) -> Value:
        for one in self._line(cls):
            if isinstance(one, Class) and name in one.body.names:
                value = one.body.names[name]
                return self._follow(value) if isinstance(value, Imported) else value
        return UNKNOWN

    def member_names(self, cls: Class) -> tuple[str, ...]:
        lines = [one.body.names for one in self._line(cls) if isinstance(one, Class)]
        return tuple(dict.fromkeys(name for names in lines for name in names))

    def ancestors(self, cls: Class) -> tuple[str, ...]:
        return tuple(one.path for one in self._line(cls) if isinstance(one, External))

    def _line(self, cls: Class) -> list[Value]:
        """A class and its bases, each once: near enough to Python's order."""
        found: list[Value] = []
        pending: list[Value] = [cls]
        while pending and len(found) < _MOST_BASES:
            one = pending.pop(0)
            if any(one is known for known in found):
                continue
            found.append(one)
            if isinstance(one, Class):
                pending[:0] = one.bases
        return found

    # Calls

    def plain_call(self, scope: Scope, *values: Value) -> Call:
        return Call(values, {}, f"{scope.module.file}:1", scope)

    def call(self, function: Value, call: Call) -> Value:
        match function:
            case Registration():
                return self.register(function, call)
            case Function():
                return self._run_function(function, call, [])
            case Bound():
                if isinstance(function.owner, Super):
                    return self._run_function(function.function, call, [function.owner.owner])
                return self._run_function(function.function, call, [function.owner])
            case Class():
                return self._make(function, call)
            case External():
                return self._external_call(function, call)
            case Method():
                return self._method(function, call)
            case _:
                return self._decorated_argument(call)

    def register(self, registration: Registration, call: Call) -> Value:
        handler = call.get(0, "")
        for pattern in registration.patterns if _answers(handler) else ():
            registration.router.facts.append(
                Fact(pattern, registration.methods, handler, registration.place)
            )
        return handler

    def _run_function(self, function: Function, call: Call, before: list[Value]) -> Value:
        wrapped = self._decorated_argument(call)
        is_decorator = wrapped is not UNKNOWN and _gives_a_function(function.node)
        if not self._may_run(function):
            return self._returned(function) if wrapped is UNKNOWN else wrapped
        home = function.scope
        scope = Scope(home.module, home, qualname=function.qualname, function=function)
        self._bind_arguments(function, call, before, scope)
        self._depth += 1
        try:
            if isinstance(function.node, ast.Lambda):
                scope.result = self.value(function.node.body, scope)
            else:
                self.run(function.node.body, scope)
        except RecursionError:
            return wrapped
        finally:
            self._depth -= 1
        return wrapped if is_decorator else scope.result

    def _returned(self, function: Function) -> Value:
        """What a function that is not walked through gives, if it is something from around it."""
        if isinstance(function.node, ast.Lambda) or not function.node.body:
            return UNKNOWN
        last = function.node.body[-1]
        if isinstance(last, ast.Return) and isinstance(last.value, ast.Name):
            return self.name(last.value.id, function.scope)
        return UNKNOWN

    def _may_run(self, function: Function) -> bool:
        if self._depth >= _DEEPEST_CALL or not self._relevance.worth(function.node):
            return False
        count = self.called.get(id(function.node), 0)
        self.called[id(function.node)] = count + 1
        return count < _MOST_CALLS

    def _bind_arguments(
        self, function: Function, call: Call, before: list[Value], scope: Scope
    ) -> None:
        arguments = function.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults = dict(
            zip([one.arg for one in positional][::-1], arguments.defaults[::-1], strict=False)
        )
        for keyword, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if default is not None:
                defaults[keyword.arg] = default
        given = [*before, *call.positional]
        for index, argument in enumerate([*positional, *arguments.kwonlyargs]):
            name = argument.arg
            if name in call.named:
                scope.names[name] = call.named[name]
            elif index < min(len(given), len(positional)):
                scope.names[name] = given[index]
            elif name in defaults:
                scope.names[name] = self.value(defaults[name], function.scope)
            else:
                scope.names[name] = self._typed(argument, function)
        if arguments.vararg:
            scope.names[arguments.vararg.arg] = tuple(given[len(positional) :])
        if arguments.kwarg:
            known = {one.arg for one in [*positional, *arguments.kwonlyargs]}
            rest = {name: value for name, value in call.named.items() if name not in known}
            scope.names[arguments.kwarg.arg] = rest

    def _typed(self, argument: ast.arg, function: Function) -> Value:
        """An argument that is not given: a router of the framework its annotation names."""
        if argument.annotation is None:
            return UNKNOWN
        kind = self.value(argument.annotation, function.scope)
        if isinstance(kind, Class):
            kind = next((External(path) for path in self.ancestors(kind)), UNKNOWN)
        made = (
            self._construct(kind, self.plain_call(function.scope))
            if (isinstance(kind, External))
            else UNKNOWN
        )
        if isinstance(made, Router):
            made.guessed = True
            return made
        return UNKNOWN

    def _make(self, cls: Class, call: Call) -> Value:
        made: Value = UNKNOWN
        for path in self.ancestors(cls):
            made = self._construct(External(path), call)
            if isinstance(made, Router):
                made.cls = cls
                break
        owner = made if isinstance(made, Router) else Instance(cls)
        start = self.member(cls, "__init__")
        if isinstance(start, Function):
            self._run_function(start, call, [owner])
        return owner

    def _construct(self, kind: Value, call: Call) -> Value:
        if not isinstance(kind, External):
            return UNKNOWN
        for framework in self._frameworks:
            made = framework.construct(kind.path, call)
            if made is not NotImplemented:
                made = self._follow(made) if isinstance(made, Imported) else made
                if isinstance(made, Router) and not any(made is one for one in self.routers):
                    self.routers.append(made)
                return made
        return UNKNOWN

    def _external_call(self, function: External, call: Call) -> Value:
        made = self._construct(function, call)
        if made is not UNKNOWN:
            return made
        known = builtin.call(function.path, call, self)
        if known is not NotImplemented:
            return known
        argument = self._decorated_argument(call)
        if argument is not UNKNOWN:
            return argument
        return External(function.path, made=True)

    def _decorated_argument(self, call: Call) -> Value:
        """What a decorator that is not understood most likely gives back: its one handler."""
        views = [value for value in call.positional if is_view(value)]
        views = views or [value for value in call.named.values() if is_view(value)]
        return views[0] if len(views) == 1 else UNKNOWN

    def _method(self, method: Method, call: Call) -> Value:
        owner = method.owner
        if isinstance(owner, Router):
            return self._router_method(owner, method.name, call)
        if isinstance(owner, Class) and method.name == "as_view":
            actions = call.get(0, "actions")
            return View(owner, actions if isinstance(actions, dict) else None)
        known = builtin.method(owner, method.name, call)
        return self._decorated_argument(call) if known is NotImplemented else known

    def _router_method(self, router: Router, name: str, call: Call) -> Value:
        for framework in self._frameworks:
            found = framework.method(router, name, call)
            if found is not UNKNOWN:
                return found
        return self._decorated_argument(call)

    # Decorators and what is called on something unknown

    def decorate(self, decorator: Value, target: Function | Class, scope: Scope) -> None:
        if isinstance(decorator, External) and not decorator.made:
            mark = decorator.last
            target.marks["property" if mark.endswith("property") else mark] = True
        elif isinstance(decorator, Method) and decorator.name == "__wraps__":
            if isinstance(target, Function):
                target.wraps = decorator.owner
        elif isinstance(decorator, Method) and decorator.name == "__mark__":
            target.marks.update(decorator.owner)
        elif decorator is not UNKNOWN:
            self.call(decorator, Call((target,), {}, f"{scope.module.file}:1", scope))

    def stub(self, node: ast.expr, owner: Value, method: str, call: Call) -> Value:
        """A router in place of one that is handed in from where nothing is read."""
        if isinstance(owner, External) and owner.path.partition(".")[0] in LIBRARIES:
            return UNKNOWN
        libraries = call.scope.module.libraries
        framework = next((one for one in self._frameworks if _has(one, method, libraries)), None)
        if framework is None:
            return UNKNOWN
        key = (call.scope.module.file, ast.unparse(node).removesuffix(".router"))
        made = self._stubs.get(key)
        if made is None:
            made = Router(framework.framework, "app", call.place, guessed=True)
            self._stubs[key] = made
            self.routers.append(made)
        return made

    # What nobody calls

    def run_uncalled(self, modules: Iterable[Module]) -> None:
        """Walk through the functions that say something of routes and that nothing read calls.

        Extensions, plug-ins and programs are called by a library, a setting or a command. First
        come those that call others, so that these get the arguments that they are given.
        """
        modules = list(modules)
        for wanted in (self._relevance.passes_on, self._relevance.registers):
            for module in modules:
                for value in list(module.scope.names.values()):
                    if getattr(value, "scope", None) is module.scope:
                        self._run_waiting(value, wanted)

    def _run_waiting(self, value: Value, wanted: Callable[[ast.AST], bool]) -> None:
        if isinstance(value, Function) and self._waits(value, wanted):
            self._run_function(value, self.plain_call(value.scope), [])
        elif isinstance(value, Class):
            own = [one for one in value.body.names.values() if isinstance(one, Function)]
            if any(self._waits(one, wanted) for one in own):
                owner = self._make(value, self.plain_call(value.scope))
                for function in own:
                    if self._waits(function, wanted):
                        self._run_function(function, self.plain_call(value.scope), [owner])

    def _waits(self, function: Function, wanted: Callable[[ast.AST], bool]) -> bool:
        return not self.called.get(id(function.node)) and wanted(function.node)

    def django_roots(self) -> list[Module]:
        """The modules that Django's settings name as the root of its routes."""
        found: list[Module] = []
        for settings in self.settings():
            name = self._of_module(settings, "ROOT_URLCONF")
            module = self.project.find(name, settings) if isinstance(name, str) else None
            if module is not None and module not in found:
                found.append(module)
        return found


def _has(framework: Framework, method: str, libraries: frozenset[str]) -> bool:
    return method in framework.guessed and any(
        word in library for word in framework.libraries for library in libraries
    )


def _gives_a_function(node: ast.AST) -> bool:
    """Whether a function's body defines another, as a decorator's does."""
    return any(
        isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for part in ast.walk(node)
        if part is not node
    )


def _answers(value: Value) -> bool:
    return is_view(value) or isinstance(value, Class)
