"""Reports of third parties are rows of their own (articles 6 to 9)."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create the table and its indexes."""
    op.create_table(
        "report",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("county", TEXT, nullable=False),
        sa.Column("township", TEXT, nullable=False),
        sa.Column("office", TEXT, nullable=False),
        sa.Column("reporter", TEXT, nullable=False),
        sa.Column("happened_on", TEXT, nullable=False),
        sa.Column("learned_on", TEXT, nullable=True),
        sa.Column("reported_on", TEXT, nullable=False),
        sa.Column("due_on", TEXT, nullable=True),
        sa.Column("provisional", sa.SmallInteger(), nullable=False),
        sa.Column("timeliness", TEXT, nullable=False),
        sa.Column("contents", TEXT, nullable=True),
        sa.Column("official", TEXT, nullable=False),
        sa.Column("recorded_at", TEXT, nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("closed_on", TEXT, nullable=True),
        sa.Column("finding", TEXT, nullable=True),
        sa.Column("closer", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    for place in ("county", "township"):
        op.create_index(
            op.f(f"ix_report_{place}_state_reported_on_id"),
            "report",
            [place, "state", "reported_on", "id"],
            unique=False,
        )
