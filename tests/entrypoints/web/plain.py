"""The web application under gunicorn's own worker class, or under ours: `gthread` or `ours`."""

import sys

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped] # it has no types

from bot.adapters.github.webhooks import verify
from bot.entrypoints.web.application import Parts
from bot.entrypoints.web.gthread import DeliveryWorker
from bot.entrypoints.web.server import listen, serve
from tests.entrypoints.web.serving import SECRET

if __name__ == "__main__":
    url, kind = sys.argv[1:]
    parts = Parts(url, lambda body, header: verify(body, header, [SECRET]))
    serve(
        listen("127.0.0.1", 0),
        parts,
        1,
        lambda text: print(text, flush=True),  # noqa: T201 - the test waits for it
        ThreadWorker if kind == "gthread" else DeliveryWorker,
    )
