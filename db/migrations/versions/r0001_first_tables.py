"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text(collation="C").with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    """Create every table of the first release."""
    op.create_table(
        "act",
        sa.Column("client", TEXT, nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("input_digest", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=True),
        sa.Column("recorded_at", TEXT, nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("answer_tag", sa.LargeBinary(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("client", "key_digest", name=op.f("pk_act")),
    )
    op.create_index(op.f("ix_act_person"), "act", ["person"], unique=False)
    op.create_table(
        "application_now",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("county", TEXT, nullable=False),
        sa.Column("township", TEXT, nullable=False),
        sa.Column("filed_on", TEXT, nullable=False),
        sa.Column("accepted_on", TEXT, nullable=True),
        sa.Column("due_on", TEXT, nullable=True),
        sa.Column("closed_on", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_now")),
    )
    op.create_index(
        op.f("ix_application_now_county_state_due_on_id"),
        "application_now",
        ["county", "state", "due_on", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_application_now_person"), "application_now", ["person"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("log", TEXT, nullable=False),
        sa.Column("open", sa.SmallInteger(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("frontier", sa.LargeBinary(), nullable=False),
        sa.Column("indexed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("open = 1", name=op.f("ck_audit_head_open")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_audit_head")),
        sa.UniqueConstraint("open", name=op.f("uq_audit_head_open")),
    )
    op.create_table(
        "audit_lane",
        sa.Column("lane", TEXT, nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lane", name=op.f("pk_audit_lane")),
    )
    op.create_table(
        "audit_record",
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("year", "index", name=op.f("pk_audit_record")),
    )
    op.create_table(
        "audit_subject",
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("index", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("person", "year", "index", name=op.f("pk_audit_subject")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "blob",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("chunk", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("last", sa.SmallInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "chunk", name=op.f("pk_blob")),
    )
    op.create_index(op.f("ix_blob_person"), "blob", ["person"], unique=False)
    op.create_table(
        "branch_key",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("purpose", TEXT, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("check_value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch_key")),
        sa.UniqueConstraint("purpose", "version", name=op.f("uq_branch_key_purpose_version")),
    )
    op.create_table(
        "casefile",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("division", TEXT, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("opened_on", TEXT, nullable=False),
        sa.Column("closed_on", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_casefile")),
        sa.UniqueConstraint(
            "person", "digest", "division", name=op.f("uq_casefile_person_digest_division")
        ),
    )
    op.create_table(
        "client",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("department", TEXT, nullable=False),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("valid_until", TEXT, nullable=True),
        sa.Column("revoked_at", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
    )
    op.create_table(
        "client_key",
        sa.Column("client", TEXT, nullable=False),
        sa.Column("kid", TEXT, nullable=False),
        sa.Column("jwk", TEXT, nullable=False),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("valid_until", TEXT, nullable=True),
        sa.Column("revoked_at", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("client", "kid", name=op.f("pk_client_key")),
    )
    op.create_table(
        "department",
        sa.Column("code", TEXT, nullable=False),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("zh", TEXT, nullable=False),
        sa.Column("en", TEXT, nullable=False),
        sa.Column("officials_registered", sa.SmallInteger(), nullable=False),
        sa.Column("valid_until", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code", "valid_from", name=op.f("pk_department")),
    )
    op.create_table(
        "deployment",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("created_at", TEXT, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_deployment_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment")),
    )
    op.create_table(
        "event",
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("happened_on", TEXT, nullable=False),
        sa.Column("reported_on", TEXT, nullable=False),
        sa.Column("recorded_at", TEXT, nullable=False),
        sa.Column("county", TEXT, nullable=True),
        sa.Column("township", TEXT, nullable=True),
        sa.Column("residence", sa.LargeBinary(length=16), nullable=True),
        sa.Column("reason", TEXT, nullable=True),
        sa.Column("permit", sa.LargeBinary(length=16), nullable=True),
        sa.Column("permit_number", TEXT, nullable=True),
        sa.Column("valid_from", TEXT, nullable=True),
        sa.Column("valid_to", TEXT, nullable=True),
        sa.Column("ground", TEXT, nullable=True),
        sa.Column("office", TEXT, nullable=True),
        sa.Column("application", sa.LargeBinary(length=16), nullable=True),
        sa.Column("official", TEXT, nullable=True),
        sa.Column("agent", TEXT, nullable=True),
        sa.Column("act", sa.LargeBinary(length=16), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("note_tag", sa.LargeBinary(), nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", "sequence", name=op.f("pk_event")),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=False),
        sa.Column("evidence_tag", sa.LargeBinary(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_person"), "evidence", ["person"], unique=False)
    op.create_table(
        "import_job",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", TEXT, nullable=False),
        sa.Column("started_at", TEXT, nullable=False),
        sa.Column("finished_at", TEXT, nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_job")),
        sa.UniqueConstraint("digest", name=op.f("uq_import_job_digest")),
    )
    op.create_table(
        "import_person",
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("job", sa.LargeBinary(length=16), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_import_person")),
    )
    op.create_table(
        "import_row",
        sa.Column("job", sa.LargeBinary(length=16), nullable=False),
        sa.Column("row", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("code", TEXT, nullable=False),
        sa.Column("held_at", TEXT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("job", "row", name=op.f("pk_import_row")),
        sa.UniqueConstraint("digest", name=op.f("uq_import_row_digest")),
    )
    op.create_table(
        "lookup",
        sa.Column("index", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("index", "version", "tag", name=op.f("pk_lookup")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_lookup_person"), "lookup", ["person"], unique=False)
    op.create_table(
        "official",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("department", TEXT, nullable=False),
        sa.Column("official", TEXT, nullable=False),
        sa.Column("role", TEXT, nullable=False),
        sa.Column("division", TEXT, nullable=True),
        sa.Column("valid_from", TEXT, nullable=False),
        sa.Column("valid_until", TEXT, nullable=True),
        sa.Column("ended_at", TEXT, nullable=True),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("photo", sa.LargeBinary(length=16), nullable=True),
        sa.Column("hukou_county", TEXT, nullable=False),
        sa.Column("number_tag", sa.LargeBinary(), nullable=False),
        sa.Column("name_tag", sa.LargeBinary(), nullable=False),
        sa.Column("key_ref", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("core", sa.LargeBinary(), nullable=False),
        sa.Column("core_tag", sa.LargeBinary(), nullable=False),
        sa.Column("contact", sa.LargeBinary(), nullable=False),
        sa.Column("contact_tag", sa.LargeBinary(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
    )
    op.create_table(
        "person_now",
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("county", TEXT, nullable=False),
        sa.Column("township", TEXT, nullable=False),
        sa.Column("registered_on", TEXT, nullable=False),
        sa.Column("arrived_on", TEXT, nullable=False),
        sa.Column("reason", TEXT, nullable=False),
        sa.Column("late", sa.SmallInteger(), nullable=False),
        sa.Column("clock_start", TEXT, nullable=True),
        sa.Column("hukou_county", TEXT, nullable=False),
        sa.Column("permit", sa.LargeBinary(length=16), nullable=True),
        sa.Column("permit_number", TEXT, nullable=True),
        sa.Column("issued_on", TEXT, nullable=True),
        sa.Column("valid_from", TEXT, nullable=True),
        sa.Column("valid_to", TEXT, nullable=True),
        sa.Column("cancelled_on", TEXT, nullable=True),
        sa.Column("cancel_ground", TEXT, nullable=True),
        sa.Column("issuing_office", TEXT, nullable=True),
        sa.Column("residence", sa.LargeBinary(length=16), nullable=False),
        sa.Column("number_tag", sa.LargeBinary(), nullable=False),
        sa.Column("name_tag", sa.LargeBinary(), nullable=False),
        sa.Column("key_ref", sa.BigInteger(), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("core_tag", sa.LargeBinary(), nullable=False),
        sa.Column("contact_tag", sa.LargeBinary(), nullable=False),
        sa.Column("residence_tag", sa.LargeBinary(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.Column("core_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("residence_sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_now")),
    )
    op.create_index(
        op.f("ix_person_now_county_registered_on_person"),
        "person_now",
        ["county", "registered_on", "person"],
        unique=False,
    )
    op.create_index(
        op.f("ix_person_now_county_valid_to_person"),
        "person_now",
        ["county", "valid_to", "person"],
        unique=False,
    )
    op.create_index(op.f("ix_person_now_permit"), "person_now", ["permit"], unique=True)
    op.create_index(
        op.f("ix_person_now_permit_number"), "person_now", ["permit_number"], unique=True
    )
    op.create_index(
        op.f("ix_person_now_township_registered_on_person"),
        "person_now",
        ["township", "registered_on", "person"],
        unique=False,
    )
    op.create_index(
        op.f("ix_person_now_township_valid_to_person"),
        "person_now",
        ["township", "valid_to", "person"],
        unique=False,
    )
    op.create_table(
        "register_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_register_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_state")),
    )
    op.create_table(
        "residence",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("person", sa.LargeBinary(length=16), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("county", TEXT, nullable=False),
        sa.Column("township", TEXT, nullable=False),
        sa.Column("lived_from", TEXT, nullable=False),
        sa.Column("changed_on", TEXT, nullable=True),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("residence", sa.LargeBinary(), nullable=False),
        sa.Column("residence_tag", sa.LargeBinary(), nullable=False),
        sa.Column("row_mac", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_residence")),
    )
    op.create_index(op.f("ix_residence_person"), "residence", ["person"], unique=False)
