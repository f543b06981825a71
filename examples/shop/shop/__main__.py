"""Run the shop: `python -m shop`, with everything it needs to know in the environment.

SHOP_DATA is the folder of the database, SHOP_PORT the port (0 or nothing: any free one),
SHOP_PORT_FILE where to write it, SHOP_ACCESS_LOG the access log, SHOP_COMMIT what is running.
"""

import logging
import os
import signal
import threading
from pathlib import Path

# Importing them is what makes their routes known.
from shop import catalogue, health, orders, reports  # noqa: F401
from shop.access_log import AccessLog
from shop.database import prepare
from shop.seed import FILE
from shop.server import ShopServer


def main() -> None:
    """Serve until SIGTERM or SIGINT, then finish what has begun."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    data = Path(os.environ.get("SHOP_DATA", "data"))
    data.mkdir(parents=True, exist_ok=True)
    database = prepare(str(data / FILE))
    log = AccessLog(os.environ.get("SHOP_ACCESS_LOG", ""), os.environ.get("SHOP_COMMIT", ""))
    server = ShopServer(int(os.environ.get("SHOP_PORT") or 0), database, log)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    _announce(server.server_port, os.environ.get("SHOP_PORT_FILE", ""))
    server.serve_forever(poll_interval=0.1)
    server.server_close()


def _announce(port: int, file: str) -> None:
    logging.info("The shop is open on http://127.0.0.1:%d", port)
    if file:
        part = Path(f"{file}.part")
        part.write_text(f"{port}\n", encoding="utf-8")
        part.replace(file)


if __name__ == "__main__":
    main()
