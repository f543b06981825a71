"""Small repositories as texts, and their route tables as short lines."""

from textwrap import dedent

from bot.adapters.routes import read_routes


def table(**files: str) -> set[str]:
    """Each route as `GET /path -> file.py:function`; `a__b` names the file `a/b.py`.

    A route that the reader doubts ends with ` ?`.
    """
    sources = {path(name): dedent(text) for name, text in files.items()}
    return {
        f"{','.join(route.methods) or '*'} {route.pattern} -> "
        f"{route.handler.file}:{route.handler.function}{' ?' if route.doubt else ''}"
        for route in read_routes(sources).routes
    }


def path(name: str) -> str:
    """`pkg__init` is `pkg/__init__.py`, and `pkg__views` is `pkg/views.py`."""
    folders = name.split("__")
    if folders[-1] == "init":
        folders[-1] = "__init__"
    return "/".join(folders) + ".py"
