"""Every route of the REST API that the fake knows; importing this fills the table."""

from tests.fakes.github.routes import (
    apps,
    branches,
    checks,
    comments,
    commits,
    deliveries,
    deployments,
    gitdata,
    issues,
    pulls,
    repositories,
)

TOPICS = (
    apps,
    branches,
    checks,
    comments,
    commits,
    deliveries,
    deployments,
    gitdata,
    issues,
    pulls,
    repositories,
)
