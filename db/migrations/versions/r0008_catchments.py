"""Catchments of the register."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "catchment",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("department", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("places", TEXT, nullable=False),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("valid_until", TEXT, nullable=True),
        sa.Column("loaded_by", TEXT, nullable=False),
        sa.Column("approved_by", TEXT, nullable=True),
        sa.Column("approved_at", TEXT, nullable=True),
        sa.Column("retired_at", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catchment")),
    )
