"""What is to be done and what was delivered: the queue, wishes and deliveries."""

from bot.adapters.database.deliveries import Deliveries
from bot.adapters.engine.counting import count_jobs
from bot.entrypoints.web.dashboard.look import Look, Shown
from bot.entrypoints.web.problems import Problem


async def shown(look: Look) -> Shown | Problem:
    """What waits in this repository; of the queue as a whole the operator alone is told."""
    overview, engine = look.sources.overview, look.sources.engine
    jobs = await count_jobs(engine) if look.viewer.is_operator else {}
    if look.viewer.is_operator:
        delivered = await Deliveries(engine).latest()
    else:
        delivered = await overview.deliveries(look.repository)
    return Shown(
        "work.html",
        "Queue",
        {
            "jobs": jobs,
            "is_operator": look.viewer.is_operator,
            "waiting": await overview.waiting(look.repository),
            "wishes": await overview.wishes(look.repository),
            "deliveries": delivered,
        },
    )
