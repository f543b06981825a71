"""Every route of the REST API that the fake knows; importing this fills the table."""

from tests.fakes.github.routes import (
    actions,
    apps,
    branches,
    checks,
    comments,
    commits,
    deliveries,
    deployments,
    gitdata,
    issues,
    people,
    pulls,
    repositories,
)

TOPICS = (
    actions,
    apps,
    branches,
    checks,
    comments,
    commits,
    deliveries,
    deployments,
    gitdata,
    issues,
    people,
    pulls,
    repositories,
)
