"""Every table of Juzhu, once, for SQLite and PostgreSQL alike.

Days are TEXT 'YYYY-MM-DD' and times TEXT in RFC 3339 (UTC, milliseconds): both databases return
them as they are written and compare them as they sort. Ids are 16 raw bytes, a UUIDv4 made before
INSERT. PostgreSQL compares text by bytes (collation "C"), as SQLite does. What a table's columns
say in clear is what a WHERE clause needs; everything else of a person is sealed.

This module never runs a statement. A change here needs a revision in db/migrations.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from audit.register_changes import FIRST_BYTES

_TEXT = Text(collation="C").with_variant(Text(), "sqlite")
_ID = LargeBinary(16)


class Base(DeclarativeBase):
    """The tables' registry. Constraint names are fixed so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {str: _TEXT, bytes: LargeBinary, int: BigInteger}  # noqa: RUF012 - SQLAlchemy reads it as a plain class attribute


def table_of(model: type[Base]) -> Table:
    """Return a model's table, for statements that need no objects."""
    return Base.metadata.tables[model.__tablename__]


# --- the deployment and its keys -------------------------------------------------------------


class Deployment(Base):
    """One row: the name that every sealed byte of this database is bound to."""

    __tablename__ = "deployment"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    name: Mapped[str]
    created_at: Mapped[str]


class BranchKey(Base):
    """A branch key, wrapped by the root key; `check_value` detects a wrong root key."""

    __tablename__ = "branch_key"
    __table_args__ = (UniqueConstraint("purpose", "version"),)

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    purpose: Mapped[str]
    version: Mapped[int]
    state: Mapped[str]
    wrapped: Mapped[bytes | None]
    check_value: Mapped[bytes]


# --- persons: sources ------------------------------------------------------------------------


class Person(Base):
    """A person: the wrapped data key and the sealed groups that are not of one period.

    `name_birth_tag` is null in rows of older releases, until `juzhu rebuild` has been there.
    `events` counts the rows of `event`, so that one that is taken away is missed; `photo` is the
    id of the person's `blob` for the same reason.
    """

    __tablename__ = "person"

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    revision: Mapped[int]
    events: Mapped[int]
    photo: Mapped[bytes | None] = mapped_column(_ID)
    hukou_county: Mapped[str]
    number_tag: Mapped[bytes]
    name_tag: Mapped[bytes]
    name_birth_tag: Mapped[bytes | None]
    key_ref: Mapped[int]
    generation: Mapped[int]
    wrapped_key: Mapped[bytes]
    core: Mapped[bytes]
    core_tag: Mapped[bytes]
    contact: Mapped[bytes]
    contact_tag: Mapped[bytes]
    row_mac: Mapped[bytes]


class Residence(Base):
    """One address period (article 12): a division in clear, the address sealed.

    `voided_on` is set where the act that began it was voided: the row stays and is shown nowhere.
    """

    __tablename__ = "residence"
    __table_args__ = (Index(None, "person"),)

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID)
    revision: Mapped[int]
    county: Mapped[str]
    township: Mapped[str]
    lived_from: Mapped[str]
    changed_on: Mapped[str | None]
    voided_on: Mapped[str | None]
    generation: Mapped[int]
    residence: Mapped[bytes]
    residence_tag: Mapped[bytes]
    row_mac: Mapped[bytes]


class Event(Base):
    """What happened to a registration, an application or a permit. Append-only.

    `official` and `agent` say who did it at the desk and in what role somebody came for another;
    both are null for what was imported. What was said in words is the sealed `note` of `act`.
    `version` is the one that the act gave the file, null in rows of older releases; `voids` is the
    version of the act that a void undoes, `other` the file that one was merged with or split from.
    """

    __tablename__ = "event"

    person: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    happened_on: Mapped[str]
    reported_on: Mapped[str]
    recorded_at: Mapped[str]
    county: Mapped[str | None]
    township: Mapped[str | None]
    residence: Mapped[bytes | None] = mapped_column(_ID)
    reason: Mapped[str | None]
    permit: Mapped[bytes | None] = mapped_column(_ID)
    permit_number: Mapped[str | None]
    valid_from: Mapped[str | None]
    valid_to: Mapped[str | None]
    ground: Mapped[str | None]
    office: Mapped[str | None]
    application: Mapped[bytes | None] = mapped_column(_ID)
    official: Mapped[str | None]
    agent: Mapped[str | None]
    act: Mapped[bytes | None] = mapped_column(_ID)
    note: Mapped[bytes | None]
    note_tag: Mapped[bytes | None]
    version: Mapped[int | None]
    voids: Mapped[int | None]
    other: Mapped[bytes | None] = mapped_column(_ID)
    row_mac: Mapped[bytes]


class Evidence(Base):
    """A proof that was shown for a permit's condition (article 15), sealed."""

    __tablename__ = "evidence"
    __table_args__ = (Index(None, "person"),)

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID)
    revision: Mapped[int]
    generation: Mapped[int]
    evidence: Mapped[bytes]
    evidence_tag: Mapped[bytes]
    row_mac: Mapped[bytes]


class Blob(Base):
    """One sealed chunk of a photo; chunk number and `last` are bound into the seal.

    Which blob is a person's is said by the person's row, under its MAC.
    """

    __tablename__ = "blob"
    __table_args__ = (Index(None, "person"),)

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    chunk: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    person: Mapped[bytes] = mapped_column(_ID)
    kind: Mapped[str]
    last: Mapped[int] = mapped_column(SmallInteger)
    generation: Mapped[int]
    sealed: Mapped[bytes]


class Casefile(Base):
    """A case that gives an office access to one person; the case number only as a digest."""

    __tablename__ = "casefile"
    __table_args__ = (UniqueConstraint("person", "digest", "division"),)

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID)
    division: Mapped[str]
    digest: Mapped[bytes]
    kind: Mapped[str]
    opened_on: Mapped[str]
    closed_on: Mapped[str | None]
    row_mac: Mapped[bytes]


# --- persons: look-up and read model ---------------------------------------------------------


class Lookup(Base):
    """The blind indexes: a tag finds a person without opening anything."""

    __tablename__ = "lookup"
    __table_args__ = (Index(None, "person"), {"sqlite_with_rowid": False})

    index: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tag: Mapped[bytes] = mapped_column(primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID)


class FormerLookup(Base):
    """A tag that once found a person and does no more: for desks and auditors, never for others.

    Several persons may have had the same one. A row is written once; only a split takes those away
    that its merge had lent.
    """

    __tablename__ = "former_lookup"
    __table_args__ = (Index(None, "person"),)

    index: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tag: Mapped[bytes] = mapped_column(primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    row_mac: Mapped[bytes]


class NameBirth(Base):
    """The blind index of names with birth dates, for desks; several persons may have one tag.

    Each row has a MAC of its own: what a person's row of the read model covers is what it is found
    by alone.
    """

    __tablename__ = "name_birth"
    __table_args__ = (Index(None, "person"), {"sqlite_with_rowid": False})

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    tag: Mapped[bytes] = mapped_column(primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    row_mac: Mapped[bytes]


class Derived(Base):
    """One row: by which rules and calendar all that is derived was last computed as a whole.

    `made_by` is null where it never was; `making` and `reached` are those of a computation under
    way and the last person that it has done.
    """

    __tablename__ = "derived"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    made_by: Mapped[str | None]
    making: Mapped[str | None]
    reached: Mapped[bytes | None] = mapped_column(_ID)
    row_mac: Mapped[bytes]


class PersonNow(Base):
    """The read model: one row a person, always computed from the sources by one function."""

    __tablename__ = "person_now"
    __table_args__ = (
        Index(None, "permit", unique=True),
        Index(None, "permit_number", unique=True),
        Index(None, "county", "registered_on", "person"),
        Index(None, "county", "valid_to", "person"),
        Index(None, "township", "registered_on", "person"),
        Index(None, "township", "valid_to", "person"),
        Index(None, "valid_from", "person"),
        Index(None, "valid_to", "person"),
        *(
            Index(
                f"ix_person_now_late_{place}",
                place,
                "registered_on",
                "person",
                sqlite_where=text("late = 1"),
                postgresql_where=text("late = 1"),
            )
            for place in ("county", "township")
        ),
    )

    person: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    revision: Mapped[int]
    county: Mapped[str]
    township: Mapped[str]
    registered_on: Mapped[str]
    arrived_on: Mapped[str]
    reason: Mapped[str]
    late: Mapped[int] = mapped_column(SmallInteger)
    clock_start: Mapped[str | None]
    hukou_county: Mapped[str]
    permit: Mapped[bytes | None] = mapped_column(_ID)
    permit_number: Mapped[str | None]
    issued_on: Mapped[str | None]
    valid_from: Mapped[str | None]
    valid_to: Mapped[str | None]
    cancelled_on: Mapped[str | None]
    cancel_ground: Mapped[str | None]
    issuing_office: Mapped[str | None]
    residence: Mapped[bytes] = mapped_column(_ID)
    number_tag: Mapped[bytes]
    name_tag: Mapped[bytes]
    key_ref: Mapped[int]
    generation: Mapped[int]
    wrapped_key: Mapped[bytes]
    core_tag: Mapped[bytes]
    contact_tag: Mapped[bytes]
    residence_tag: Mapped[bytes]
    row_mac: Mapped[bytes]
    core_sealed: Mapped[bytes]
    contact_sealed: Mapped[bytes]
    residence_sealed: Mapped[bytes]


class ApplicationNow(Base):
    """The read model of applications: where each stands, for work lists; made beside PersonNow."""

    __tablename__ = "application_now"
    __table_args__ = (
        Index(None, "person"),
        Index(None, "county", "state", "due_on", "id"),
        *(
            Index(
                f"ix_application_now_open_{place}",
                place,
                "filed_on",
                "id",
                sqlite_where=text("closed_on IS NULL"),
                postgresql_where=text("closed_on IS NULL"),
            )
            for place in ("county", "township")
        ),
    )

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID)
    state: Mapped[str]
    county: Mapped[str]
    township: Mapped[str]
    filed_on: Mapped[str]
    accepted_on: Mapped[str | None]
    due_on: Mapped[str | None]
    closed_on: Mapped[str | None]
    row_mac: Mapped[bytes]


class DeskAct(Base):
    """What a client was answered to an act, so that the same key never acts twice (ADR 11).

    The answer is sealed under the person's key, or under one of its own (`wrapped_key`) where
    nobody is stored.
    """

    __tablename__ = "act"
    __table_args__ = (Index(None, "person"),)

    client: Mapped[str] = mapped_column(primary_key=True)
    key_digest: Mapped[bytes] = mapped_column(primary_key=True)
    id: Mapped[bytes] = mapped_column(_ID)
    input_digest: Mapped[bytes]
    person: Mapped[bytes | None] = mapped_column(_ID)
    recorded_at: Mapped[str]
    generation: Mapped[int]
    wrapped_key: Mapped[bytes | None]
    answer: Mapped[bytes]
    answer_tag: Mapped[bytes]
    row_mac: Mapped[bytes]


class Report(Base):
    """A report by a third party (articles 6 to 9) and its follow-up; days and codes, no person.

    `contents` are the codes of what was reported, in their order, with blanks between; null where
    they were not at issue. `due_on` is null where the duty has no limit of days; `provisional` is 1
    where a year's notice on holidays was missing. `official` took the report, `closer` ended the
    follow-up.
    """

    __tablename__ = "report"
    __table_args__ = (
        Index(None, "county", "state", "reported_on", "id"),
        Index(None, "township", "state", "reported_on", "id"),
    )

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    revision: Mapped[int]
    county: Mapped[str]
    township: Mapped[str]
    office: Mapped[str]
    reporter: Mapped[str]
    happened_on: Mapped[str]
    learned_on: Mapped[str | None]
    reported_on: Mapped[str]
    due_on: Mapped[str | None]
    provisional: Mapped[int] = mapped_column(SmallInteger)
    timeliness: Mapped[str]
    contents: Mapped[str | None]
    official: Mapped[str]
    recorded_at: Mapped[str]
    state: Mapped[str]
    closed_on: Mapped[str | None]
    finding: Mapped[str | None]
    closer: Mapped[str | None]
    row_mac: Mapped[bytes]


# --- the feed of changes -----------------------------------------------------------------------


class ChangeHead(Base):
    """One row: the last number of the feed, and the last day that was turned.

    Its lock is the order of the feed: a number is given only once the one before has committed.
    """

    __tablename__ = "change_head"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    number: Mapped[int]
    turned_through: Mapped[str]
    row_mac: Mapped[bytes]


class Change(Base):
    """What partners could be told otherwise of a person from a day on; never why. Append-only."""

    __tablename__ = "change"
    __table_args__ = (Index(None, "person", "number"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person: Mapped[bytes] = mapped_column(_ID)
    kind: Mapped[str]
    day: Mapped[str]
    recorded_at: Mapped[str]
    row_mac: Mapped[bytes]


class DayTurn(Base):
    """A day whose changes by date alone are being appended, or were.

    `reached` is the last person who was looked at, so that a turn goes on where it was stopped;
    `last_number` is the feed's at the end of the day's turn, for what is old enough to go.
    """

    __tablename__ = "day_turn"

    day: Mapped[str] = mapped_column(primary_key=True)
    reached: Mapped[bytes | None] = mapped_column(_ID)
    changes: Mapped[int]
    unread: Mapped[int]
    last_number: Mapped[int]
    finished_at: Mapped[str | None]
    row_mac: Mapped[bytes]


class Proposal(Base):
    """What one official proposed of a person and a second one has to confirm (ADR 19).

    `digest` is a keyed digest of what was entered, `contents` the entry itself, sealed under the
    person's key. A row's ending is written once, and no row is taken away.
    """

    __tablename__ = "proposal"
    __table_args__ = (Index(None, "person"),)

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID)
    kind: Mapped[str]
    version: Mapped[int]
    other: Mapped[bytes | None] = mapped_column(_ID)
    other_version: Mapped[int | None]
    digest: Mapped[bytes]
    official: Mapped[str]
    office: Mapped[str]
    proposed_on: Mapped[str]
    until: Mapped[str]
    recorded_at: Mapped[str]
    ended: Mapped[str | None]
    ended_by: Mapped[str | None]
    ended_at: Mapped[str | None]
    generation: Mapped[int]
    contents: Mapped[bytes]
    contents_tag: Mapped[bytes]
    row_mac: Mapped[bytes]


class Follow(Base):
    """A department's case that is followed, with one person of it, until a day.

    `person` is nobody's id where the department did not reach whom it presented. Case number and
    the department's own mark are the sealed `named`, under a key of the row's own; their digests
    find the row. Changes up to the number `since` are not told.
    """

    __tablename__ = "follow"
    __table_args__ = (
        UniqueConstraint("department", "purpose", "case_digest", "ref_digest"),
        Index(None, "until"),
    )

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    department: Mapped[str]
    purpose: Mapped[str]
    case_digest: Mapped[bytes]
    ref_digest: Mapped[bytes]
    person: Mapped[bytes] = mapped_column(_ID)
    since: Mapped[int]
    until: Mapped[str]
    generation: Mapped[int]
    wrapped_key: Mapped[bytes]
    named: Mapped[bytes]
    named_tag: Mapped[bytes]
    row_mac: Mapped[bytes]


# --- requests about one's own data ---------------------------------------------------------------


class SubjectRequest(Base):
    """A request about one's own data (PIPL articles 44 to 50) as it stands after its steps.

    `revision` counts its steps, so that one that is taken away is missed. `agent` is who filed it
    for the person. `grounds` are codes in the order of the table, with blanks between; `official`
    entered or gave the answer.
    """

    __tablename__ = "subject_request"
    __table_args__ = (
        Index(None, "person"),
        Index(None, "county", "closed_on", "due_on", "id"),
        Index(None, "township", "closed_on", "due_on", "id"),
    )

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    person: Mapped[bytes] = mapped_column(_ID)
    revision: Mapped[int]
    county: Mapped[str]
    township: Mapped[str]
    kind: Mapped[str]
    agent: Mapped[str | None]
    filed_on: Mapped[str]
    due_on: Mapped[str]
    state: Mapped[str]
    closed_on: Mapped[str | None]
    answer: Mapped[str | None]
    grounds: Mapped[str | None]
    official: Mapped[str | None]
    row_mac: Mapped[bytes]


class SubjectRequestStep(Base):
    """A step of a request: filed, entered, answered or withdrawn. Append-only.

    What was said in words is sealed under the person's key to the step's own id.
    """

    __tablename__ = "subject_request_step"

    request: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[bytes] = mapped_column(_ID)
    person: Mapped[bytes] = mapped_column(_ID)
    step: Mapped[str]
    happened_on: Mapped[str]
    recorded_at: Mapped[str]
    official: Mapped[str]
    agent: Mapped[str | None]
    answer: Mapped[str | None]
    grounds: Mapped[str | None]
    generation: Mapped[int]
    words: Mapped[bytes | None]
    words_tag: Mapped[bytes | None]
    row_mac: Mapped[bytes]


# --- corrections asked for by departments --------------------------------------------------------


class Correction(Base):
    """A department's request to correct an answer (articles 28, 30) as it stands after its steps.

    `year`, `record`, `confirmed`, `position` and `field` say at what it points. `tag` is what a
    "no" was searched by, or nobody's; `person`, `county` and `township` are those of whoever was
    matched, empty before. `revision` counts the steps; `wrapped_key` is the row's own data key.
    """

    __tablename__ = "correction"
    __table_args__ = (
        UniqueConstraint("department", "year", "record", "confirmed", "position", "field"),
        Index(None, "department", "purpose", "due_on", "id"),
        Index(None, "county", "closed_on", "due_on", "id"),
        Index(None, "township", "closed_on", "due_on", "id"),
        Index(None, "person"),
        Index(None, "tag"),
    )

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    department: Mapped[str]
    purpose: Mapped[str]
    case_digest: Mapped[bytes]
    year: Mapped[int] = mapped_column(SmallInteger)
    record: Mapped[int]
    confirmed: Mapped[int]
    position: Mapped[int]
    field: Mapped[str]
    tag: Mapped[bytes]
    person: Mapped[bytes | None] = mapped_column(_ID)
    county: Mapped[str]
    township: Mapped[str]
    requested_on: Mapped[str]
    due_on: Mapped[str]
    revision: Mapped[int]
    status: Mapped[str]
    closed_on: Mapped[str | None]
    ruling: Mapped[str | None]
    grounds: Mapped[str | None]
    official: Mapped[str | None]
    changed: Mapped[int]
    wrapped_key: Mapped[bytes]
    row_mac: Mapped[bytes]


class CorrectionStep(Base):
    """A step of such a request: requested, matched, entered or decided. Append-only.

    `person` is who was matched by it; `act` the version of the file that the correcting act gave
    it. What was said in words is sealed under the request's own key to the step's id.
    """

    __tablename__ = "correction_step"

    correction: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[bytes] = mapped_column(_ID)
    step: Mapped[str]
    happened_on: Mapped[str]
    recorded_at: Mapped[str]
    official: Mapped[str]
    person: Mapped[bytes | None] = mapped_column(_ID)
    ruling: Mapped[str | None]
    grounds: Mapped[str | None]
    act: Mapped[int | None]
    changed: Mapped[int]
    generation: Mapped[int]
    words: Mapped[bytes | None]
    words_tag: Mapped[bytes | None]
    row_mac: Mapped[bytes]


# --- the register: who may act -----------------------------------------------------------------


class Department(Base):
    """A department under one of its names, while it had that name.

    `officials_registered` is 1 where only officials of the register may act (desks, auditors).
    """

    __tablename__ = "department"

    code: Mapped[str] = mapped_column(primary_key=True)
    valid_from: Mapped[str] = mapped_column(primary_key=True)
    zh: Mapped[str]
    en: Mapped[str]
    officials_registered: Mapped[int] = mapped_column(SmallInteger)
    valid_until: Mapped[str | None]
    row_mac: Mapped[bytes]


class Client(Base):
    """A client system of a department."""

    __tablename__ = "client"

    id: Mapped[str] = mapped_column(primary_key=True)
    department: Mapped[str]
    valid_from: Mapped[str]
    valid_until: Mapped[str | None]
    revoked_at: Mapped[str | None]
    row_mac: Mapped[bytes]


class ClientKey(Base):
    """A public key (JWK) with which a client signs its own assertions.

    The demonstration issuer's key is here too, under the issuer's name and without a client.
    """

    __tablename__ = "client_key"

    client: Mapped[str] = mapped_column(primary_key=True)
    kid: Mapped[str] = mapped_column(primary_key=True)
    jwk: Mapped[str]
    valid_from: Mapped[str]
    valid_until: Mapped[str | None]
    revoked_at: Mapped[str | None]
    row_mac: Mapped[bytes]


class Official(Base):
    """An official and what the register says that he or she may act as."""

    __tablename__ = "official"

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    department: Mapped[str]
    official: Mapped[str]
    role: Mapped[str]
    division: Mapped[str | None]
    valid_from: Mapped[str]
    valid_until: Mapped[str | None]
    ended_at: Mapped[str | None]
    row_mac: Mapped[bytes]


class Catchment(Base):
    """A version of a department's catchment: the townships in it, and who let it be used.

    `places` are the townships' codes in their order, with blanks between.
    """

    __tablename__ = "catchment"

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    department: Mapped[str]
    name: Mapped[str]
    places: Mapped[str]
    valid_from: Mapped[str]
    valid_until: Mapped[str | None]
    loaded_by: Mapped[str]
    approved_by: Mapped[str | None]
    approved_at: Mapped[str | None]
    retired_at: Mapped[str | None]
    row_mac: Mapped[bytes]


class CatchmentCase(Base):
    """Which version of a catchment a department's case asked about first, and so alone."""

    __tablename__ = "catchment_case"

    department: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    catchment: Mapped[bytes] = mapped_column(_ID)
    row_mac: Mapped[bytes]


class TrustedDocument(Base):
    """An operation that a department has registered: its text, and how it is asked for."""

    __tablename__ = "trusted_document"

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    department: Mapped[str]
    name: Mapped[str | None]
    digest: Mapped[str]
    text: Mapped[str]
    valid_from: Mapped[str]
    valid_until: Mapped[str | None]
    revoked_at: Mapped[str | None]
    row_mac: Mapped[bytes]


class DocumentLock(Base):
    """A time in which a department ran its trusted documents alone."""

    __tablename__ = "document_lock"

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    department: Mapped[str]
    locked_at: Mapped[str]
    ended_at: Mapped[str | None]
    row_mac: Mapped[bytes]


class RegisterState(Base):
    """One row: a counter that every change of the register raises.

    Its MAC covers the counter and the MACs of all rows, so that a row that is taken away or put
    back as it once was is missed.
    """

    __tablename__ = "register_state"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    version: Mapped[int]
    row_mac: Mapped[bytes]


# --- the audit log -----------------------------------------------------------------------------


class AuditHead(Base):
    """The head of one year's log: size, root and Merkle frontier, changed with every batch.

    `open` is 1 in the one log that grows and NULL in those that are closed. The index of persons
    covers the first `indexed` records and follows within seconds.
    """

    __tablename__ = "audit_head"
    __table_args__ = (UniqueConstraint("open"), CheckConstraint("open = 1", name="open"))

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    log: Mapped[str]
    open: Mapped[int | None] = mapped_column(SmallInteger)
    size: Mapped[int]
    root: Mapped[bytes]
    frontier: Mapped[bytes]
    indexed: Mapped[int]


class AuditLane(Base):
    """A writer of the log and its last counter, raised in the transaction that writes."""

    __tablename__ = "audit_lane"

    lane: Mapped[str] = mapped_column(primary_key=True)
    counter: Mapped[int]


_CHANGE = FIRST_BYTES.hex()
_AFTER_CHANGES = (FIRST_BYTES[:-1] + bytes([FIRST_BYTES[-1] + 1])).hex()
IS_REGISTER_CHANGE: Final = {
    "sqlite": text(f"body >= x'{_CHANGE}' AND body < x'{_AFTER_CHANGES}'"),
    "postgresql": text(
        f"body >= decode('{_CHANGE}', 'hex') AND body < decode('{_AFTER_CHANGES}', 'hex')"
    ),
}
"""Which records are changes of the register. A query must use these very words, constants and
all: only then does a database see that the index fits."""


class AuditRecord(Base):
    """One leaf of a log: the record's canonical bytes and their hash. Append-only."""

    __tablename__ = "audit_record"
    __table_args__ = (
        Index(
            "ix_audit_record_register_changes",
            "year",
            "index",
            sqlite_where=IS_REGISTER_CHANGE["sqlite"],
            postgresql_where=IS_REGISTER_CHANGE["postgresql"],
        ),
    )

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    leaf_hash: Mapped[bytes]
    body: Mapped[bytes]


class AuditSubject(Base):
    """Which records speak of a person; derived from the records, can be rebuilt.

    Of every log it covers the records below the head's `indexed`.
    """

    __tablename__ = "audit_subject"
    __table_args__ = ({"sqlite_with_rowid": False},)

    person: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


# --- imports -----------------------------------------------------------------------------------


class ImportJob(Base):
    """One file that is being or was imported, known by a keyed digest of its bytes.

    `rows` is the cursor: so many rows are decided, written in the transaction that decides them.
    """

    __tablename__ = "import_job"
    __table_args__ = (UniqueConstraint("digest"),)

    id: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    digest: Mapped[bytes]
    state: Mapped[str]
    started_at: Mapped[str]
    finished_at: Mapped[str | None]
    rows: Mapped[int]


class ImportPerson(Base):
    """A person whom an import registered, with a keyed digest of what the row said."""

    __tablename__ = "import_person"

    person: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    job: Mapped[bytes] = mapped_column(_ID)
    digest: Mapped[bytes]


class ImportRow(Base):
    """A row that is held for review, sealed to its place in its job; no other row is kept.

    `digest` is a keyed digest of the row's cells: a row that is held already is not held twice.
    """

    __tablename__ = "import_row"
    __table_args__ = (UniqueConstraint("digest"),)

    job: Mapped[bytes] = mapped_column(_ID, primary_key=True)
    row: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    digest: Mapped[bytes]
    code: Mapped[str]
    held_at: Mapped[str]
    sealed: Mapped[bytes]
