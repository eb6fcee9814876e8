"""Open applications of a division are found without passing over those that are decided (17)."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes."""
    for place in ("county", "township"):
        op.create_index(
            f"ix_application_now_open_{place}",
            "application_now",
            [place, "filed_on", "id"],
            sqlite_where=sa.text("closed_on IS NULL"),
            postgresql_where=sa.text("closed_on IS NULL"),
        )
