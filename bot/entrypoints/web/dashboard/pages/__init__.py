"""What each page of the dashboard shows."""

from bot.entrypoints.web.dashboard.look import PageOf
from bot.entrypoints.web.dashboard.pages import (
    deployments,
    improvements,
    learning,
    performance,
    spending,
    work,
)

PAGES = (
    PageOf("/", "Health", performance.health),
    PageOf("/endpoints", "Endpoints", performance.endpoints),
    PageOf("/endpoint", "Endpoint", performance.endpoint, in_navigation=False),
    PageOf("/bottlenecks", "Bottlenecks", performance.bottlenecks),
    PageOf("/improvements", "Improvements", improvements.listed),
    PageOf("/improvements/<id>", "Improvement", improvements.one, in_navigation=False),
    PageOf("/deployments", "Deployments", deployments.listed),
    PageOf("/learning", "Learning", learning.shown),
    PageOf("/spending", "Spending", spending.shown),
    PageOf("/work", "Queue", work.shown),
)
