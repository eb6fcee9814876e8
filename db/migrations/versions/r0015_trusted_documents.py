"""Trusted documents of the register, and departments that run no others."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "trusted_document",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("department", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=True),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("valid_until", TEXT, nullable=True),
        sa.Column("revoked_at", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trusted_document")),
    )
    op.create_table(
        "document_lock",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("department", TEXT, nullable=False),
        sa.Column("locked_at", TEXT, nullable=False),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_lock")),
    )
