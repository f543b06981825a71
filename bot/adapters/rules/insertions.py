"""Where a module takes a new constant or a new import, and under which name."""

import ast
import sys

from bot.adapters.rules.source import Edit, Source


def top_level(source: Source, node: ast.AST) -> ast.stmt:
    """The statement of the module's own body in which a node stands."""
    current = node
    for parent in source.ancestors(node):
        if isinstance(parent, ast.Module):
            break
        current = parent
    assert isinstance(current, ast.stmt)  # noqa: S101 - a module's body holds statements
    return current


def fresh_name(source: Source, wanted: str) -> str:
    """A module-level name that nothing in the file uses yet."""
    used = {node.id for node in source.nodes if isinstance(node, ast.Name)}
    for scope in source.names.of_node.values():
        used.update(scope.bindings)
    name, number = wanted, 2
    while name in used:
        name, number = f"{wanted}_{number}", number + 1
    return name


def constant_name(source: Source, node: ast.AST, suffix: str) -> str:
    function = source.function(node)
    stem = function.name.strip("_").upper() if function is not None else "MODULE"
    return fresh_name(source, f"_{stem}_{suffix}" if stem else f"_{suffix}")


def module_constant(source: Source, node: ast.AST, name: str, value: str) -> Edit | None:
    """Define a constant after the imports that stand before the node's own top-level statement."""
    if source.names.module.dynamic or source.names.star_import:
        return None
    anchor = _last_import(source, top_level(source, node))
    text = f"{name} = {value}"
    if anchor is None:
        first = top_level(source, node)
        if not source.owns_lines(first) and not hasattr(first, "body"):
            return None
        return _before_first(source, text)
    if not source.owns_lines(anchor):
        return None
    line = source.line_of(source.end(anchor))
    end = _line_end(source, line)
    next_line = source.text[source.line_start(line + 1) :].split("\n", 1)[0]
    return Edit(end, end, f"\n\n{text}" + ("\n" if next_line.strip() else ""))


def _before_first(source: Source, text: str) -> Edit | None:
    body = source.tree.body
    documented = ast.get_docstring(source.tree, clean=False) is not None
    if documented:
        end = _line_end(source, source.line_of(source.end(body[0])))
        return Edit(end, end, f"\n\n{text}") if source.owns_lines(body[0]) else None
    start = source.line_start(source.line_of(source.start(body[0])))
    return Edit(start, start, f"{text}\n\n\n")


def _line_end(source: Source, line: int) -> int:
    end = source.line_start(line + 1)
    return end - len(source.text[:end]) + len(source.text[:end].rstrip("\r\n"))


def _last_import(source: Source, before: ast.stmt) -> ast.stmt | None:
    """The last statement made of imports that comes before another one of the module."""
    last: ast.stmt | None = None
    for statement in source.tree.body:
        if statement is before:
            break
        if _imports(statement):
            last = statement
    return last


def _imports(statement: ast.stmt) -> bool:
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return True
    if isinstance(statement, (ast.Try, ast.If)):
        return any(_imports(inner) for inner in statement.body)
    return False


def import_from(
    source: Source, node: ast.AST, module: str, name: str, *, taken: bool = False
) -> tuple[str, Edit | None] | None:
    """How to call `module.name` here, with the edit that imports it if nothing does yet.

    `taken` says that the name is in use already, and means just this.
    """
    for statement in source.tree.body:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            called = _already(source, statement, module, name)
            if called:
                return called, None
    if (not taken and fresh_name(source, name) != name) or source.names.star_import:
        return None
    edit = _new_import(source, top_level(source, node), module, name)
    return (name, edit) if edit is not None else None


def _already(source: Source, statement: ast.Import | ast.ImportFrom, module: str, name: str) -> str:
    for alias in statement.names:
        bound = alias.asname or alias.name
        if source.names.module.bindings.get(bound) != [alias]:
            continue
        if isinstance(statement, ast.Import) and alias.name == module:
            return f"{bound}.{name}"
        same = isinstance(statement, ast.ImportFrom) and not statement.level
        if same and statement.module == module and alias.name == name:  # type: ignore[union-attr]
            return bound
    return ""


def _new_import(source: Source, before: ast.stmt, module: str, name: str) -> Edit | None:
    """A `from` import at its sorted place among the standard library's in the leading block."""
    line = f"from {module} import {name}"
    block: list[ast.stmt] = []
    for statement in source.tree.body:
        if statement is before or not (_is_import(statement) or _is_docstring(source, statement)):
            break
        block.append(statement)
    imports = [one for one in block if _is_import(one)]
    future = [one for one in imports if getattr(one, "module", "") == "__future__"]
    standard = [one for one in imports if _standard(one) and one not in future]
    earlier = [one for one in standard if _sorts_before(one, module)]
    if not all(source.owns_lines(one) for one in block):
        return None
    if earlier:
        end = _line_end(source, source.line_of(source.end(earlier[-1])))
        return Edit(end, end, f"\n{line}")
    rest = [one for one in imports if one not in future]
    if standard or rest:
        start = source.line_start(source.line_of(source.start((standard or rest)[0])))
        return Edit(start, start, f"{line}\n" if standard else f"{line}\n\n")
    if block:
        end = _line_end(source, source.line_of(source.end(block[-1])))
        return Edit(end, end, f"\n\n{line}")
    start = source.line_start(source.line_of(source.start(source.tree.body[0])))
    return Edit(start, start, f"{line}\n\n\n")


def _is_import(statement: ast.stmt) -> bool:
    return isinstance(statement, (ast.Import, ast.ImportFrom))


def _is_docstring(source: Source, statement: ast.stmt) -> bool:
    return statement is source.tree.body[0] and ast.get_docstring(source.tree) is not None


def _standard(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return (
            not statement.level
            and (statement.module or "").split(".")[0] in sys.stdlib_module_names
        )
    return isinstance(statement, ast.Import) and all(
        alias.name.split(".")[0] in sys.stdlib_module_names for alias in statement.names
    )


def _sorts_before(statement: ast.stmt, module: str) -> bool:
    return isinstance(statement, ast.Import) or getattr(statement, "module", "") < module
