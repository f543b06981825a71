"""The web application under gunicorn's own reader of requests, or under ours.

Arguments: the database, `gthread` or `ours`, in how many seconds a request has to come, and, where
they are not to be as they are, how many connections there may be, and how many bytes in memory.
"""

import sys

from bot.adapters.github.webhooks import verify
from bot.entrypoints.logs import set_up_logs
from bot.entrypoints.web import connection, gthread, server
from bot.entrypoints.web.application import Parts
from bot.entrypoints.web.refusals import RefusingWorker
from bot.settings import read_settings
from tests.entrypoints.web.serving import SECRET

if __name__ == "__main__":
    set_up_logs(read_settings())
    url, kind, seconds, *bounds = sys.argv[1:]
    connection.READ_SECONDS = float(seconds)  # type: ignore[misc] # a test cannot wait for long
    if bounds:
        server.MOST_CONNECTIONS = int(bounds[0])  # type: ignore[misc] # nor open so many
        gthread.MOST_BUFFERED = int(bounds[1])  # type: ignore[misc] # nor send so much
    parts = Parts(url, lambda body, header: verify(body, header, [SECRET]))
    server.serve(
        server.listen("127.0.0.1", 0),
        parts,
        1,
        lambda text: print(text, flush=True),  # noqa: T201 - the test waits for it
        RefusingWorker if kind == "gthread" else gthread.DeliveryWorker,
    )
