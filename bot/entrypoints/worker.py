"""One worker process: works until it is told to stop."""

import asyncio
import logging
import signal
from collections.abc import Callable

from bot.adapters.engine import Worker

log = logging.getLogger("ironclaw.worker")


async def run_worker(make: Callable[[], Worker], say: Callable[[str], None]) -> None:
    """Work until SIGTERM or SIGINT, then finish or hand back what runs."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    worker = make()
    try:
        await worker.start()
        say(f"Ironclaw works as {worker.executor[:12]}")
        await stop.wait()
        log.info("told to stop: what runs is finished or handed back")
    finally:
        await worker.stop()
    log.info("this worker has stopped")
