"""The document and a page to read it with, which asks nobody else for anything."""

import importlib.util
import json
from pathlib import Path
from typing import Final

from flask import Flask, Response, send_from_directory

from bot.entrypoints.web.api.document import PATH, document
from bot.entrypoints.web.api.operation import Operation

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Ironclaw: the interface</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/docs/css/swagger-ui.css"></head>
<body><main id="page"><noscript><p>The document:
<a href="/openapi/openapi.json">openapi.json</a></p>
</noscript></main><script src="/docs/js/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script></body></html>
"""
_START: Final = 'SwaggerUIBundle({url: "/openapi/openapi.json", dom_id: "#page"});\n'
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def add_to(app: Flask, operations: tuple[Operation, ...]) -> None:
    """Put `/docs` and the document into the application."""
    text = json.dumps(document(operations))
    folder = _files()

    def written() -> Response:
        answer = Response(text, content_type="application/json")
        answer.headers["Cache-Control"] = "public, no-cache"
        answer.add_etag()
        return answer

    def page() -> Response:
        answer = Response(_PAGE, content_type="text/html; charset=utf-8")
        answer.headers["Content-Security-Policy"] = _POLICY
        return answer

    def start() -> Response:
        return Response(_START, content_type="text/javascript; charset=utf-8")

    def file(name: str) -> Response:
        return send_from_directory(folder, name)

    app.add_url_rule(PATH, "openapi", written)
    app.add_url_rule("/docs", "docs", page)
    app.add_url_rule("/docs/start.js", "docs_start", start)
    app.add_url_rule("/docs/<path:name>", "docs_file", file)


def _files() -> Path:
    """The page's own program, from its package: importing that would bring a second framework."""
    found = importlib.util.find_spec("flask_openapi3_swagger")
    assert found is not None  # noqa: S101 - it is a dependency
    assert found.origin is not None  # noqa: S101 - and a package
    return Path(found.origin).parent / "templates" / "swagger"
