"""How a component that is given only a database session gets the rest of what it needs."""

from importlib.metadata import entry_points
from typing import Any

from bot.ports import Ports

GROUP, NAME = "ironclaw", "ports"


def ports_for(db_session: Any, ports: Ports | None) -> Ports:
    """The ports given, or those that the installed composition root puts on this session.

    The root is found by the distribution's entry point, so that nothing here imports upwards.
    """
    if ports is not None:
        return ports
    (root,) = entry_points(group=GROUP, name=NAME)
    chosen = root.load()(db_session)
    assert isinstance(chosen, Ports)  # noqa: S101 - tells the type checker what the root returns
    return chosen
