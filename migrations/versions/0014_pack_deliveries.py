"""Let SQLite store the bodies of deliveries packed; those that are there stay as they came."""

from typing import Final

import sqlalchemy as sa
from alembic import op

from bot.adapters.database.packing import unpack

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_AT_ONCE: Final = 500
_DELIVERY: Final = sa.table(
    "delivery", sa.column("id", sa.Text()), sa.column("body", sa.LargeBinary())
)


def upgrade() -> None:
    """Nothing changes: a body says itself whether it is packed."""


def downgrade() -> None:
    """Store all bodies as they came: the version before reads nothing else."""
    connection = op.get_bind()
    last = ""
    while rows := connection.execute(
        sa.select(_DELIVERY).where(_DELIVERY.c.id > last).order_by(_DELIVERY.c.id).limit(_AT_ONCE)
    ).all():
        last = rows[-1].id
        for id, stored in rows:
            body = unpack(stored)
            if body != stored:
                here = _DELIVERY.c.id == id
                connection.execute(sa.update(_DELIVERY).where(here).values(body=body))
