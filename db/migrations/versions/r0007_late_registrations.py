"""Late registrations of a division are found without passing over those in time (article 10)."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes."""
    for place in ("county", "township"):
        op.create_index(
            f"ix_person_now_late_{place}",
            "person_now",
            [place, "registered_on", "person"],
            sqlite_where=sa.text("late = 1"),
            postgresql_where=sa.text("late = 1"),
        )
