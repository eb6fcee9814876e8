"""PostgreSQL databases with tables, used by one test after another.

Making a database and dropping it costs more than most tests do: two checkpoints and some three
hundred files. A database that a test gives back is emptied instead, in one transaction, and handed
to the next. It is dropped where that would not be the same: where the test changed anything of the
catalogue (tables, triggers, grants, settings), let statistics be gathered, or broke it.

A test that looks into the files of its database gets a new one: rows that were deleted are still
there.
"""

import os
from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from tests.postgres import PostgresStartError, Server

MOST_USES = 25
"""Deleted rows stay in the files until they are swept: no plan should be chosen because of them."""

_numbers = count(1)

_CATALOGUE = """
SELECT md5(string_agg(line, E'\\n' ORDER BY line)) FROM (
    SELECT concat_ws('|', 'relation', c.oid::regclass, c.relkind, c.relowner, c.relacl,
        c.reloptions) AS line FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL SELECT concat_ws('|', 'column', a.attrelid::regclass, a.attname, a.atttypid,
        a.atttypmod, a.attnotnull, a.attcollation, a.attacl, a.attisdropped)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL SELECT concat_ws('|', 'trigger', tgrelid::regclass, tgname, tgenabled, tgtype,
        tgfoid::regproc) FROM pg_trigger
    UNION ALL SELECT concat_ws('|', 'function', p.oid::regprocedure, p.prosrc, p.proowner, p.proacl)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL SELECT concat_ws('|', 'constraint', conrelid::regclass, conname,
        pg_get_constraintdef(oid)) FROM pg_constraint WHERE conrelid <> 0
    UNION ALL SELECT concat_ws('|', 'index', indexrelid::regclass, pg_get_indexdef(indexrelid),
        indisvalid) FROM pg_index WHERE indrelid >= 16384
    UNION ALL SELECT concat_ws('|', 'schema', nspname, nspowner, nspacl) FROM pg_namespace
        WHERE nspname !~ '^pg_(toast_)?temp'
    UNION ALL SELECT concat_ws('|', 'setting', setrole, setconfig) FROM pg_db_role_setting
        WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    UNION ALL SELECT concat_ws('|', 'database', datallowconn, datconnlimit, datdba, datacl)
        FROM pg_database WHERE datname = current_database()
    UNION ALL SELECT concat_ws('|', 'default', defaclrole, defaclobjtype, defaclacl)
        FROM pg_default_acl
    UNION ALL SELECT concat_ws('|', 'statistics', count(*)) FROM pg_statistic
        WHERE starelid >= 16384
) AS lines
"""
_TABLES = (
    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
)
_SEQUENCES = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'"
_OTHERS_END = (
    "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@dataclass
class Recycled:
    """Databases copied from one template on one server."""

    server: Server
    template: str
    _free: list[str] = field(default_factory=list)
    _uses: Counter[str] = field(default_factory=Counter)
    _made: set[str] = field(default_factory=set)
    _catalogue: str = ""
    _emptying: str = ""

    def __post_init__(self) -> None:
        self._catalogue = self.server.say(_CATALOGUE, database=self.template)
        self._emptying = self._how_to_empty()

    def take(self) -> str:
        """The name of a database that holds what the template does."""
        if self._free:
            return self._free.pop()
        name = f"juzhu_test_{os.getpid()}_r{next(_numbers)}"
        self.server.create_database(name, template=self.template)
        self._made.add(name)
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test, or drop it."""
        self._uses[name] += 1
        if self._uses[name] < MOST_USES and self._emptied(name):
            self._free.append(name)
        else:
            self.server.drop_database(name)
            self._made.discard(name)

    def close(self) -> None:
        """Drop all that there is."""
        for name in self._made:
            self.server.drop_database(name)

    def _emptied(self, name: str) -> bool:
        try:
            said = self.server.say(f"{_OTHERS_END}; {_CATALOGUE}", database=name)
            if said.splitlines()[-1] != self._catalogue:
                return False
            self.server.say(self._emptying, database=name)
        except PostgresStartError:
            return False
        return True

    def _how_to_empty(self) -> str:
        """The statements after which a database holds what the template does."""
        tables = self.server.say(_TABLES, database=self.template).splitlines()
        sequences = self.server.say(_SEQUENCES, database=self.template).splitlines()
        # Triggers keep the log from being emptied; only a superuser may do without them.
        steps = ["BEGIN", "SET LOCAL session_replication_role = replica"]
        steps += [f"DELETE FROM {table}" for table in tables]  # noqa: S608 — names of our own
        for table in tables:
            rows = self.server.say(f"SELECT json_agg(t) FROM {table} t", database=self.template)  # noqa: S608 — as above
            if rows:
                steps.append(
                    f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM"  # noqa: S608 — as above
                    f" json_populate_recordset(NULL::{table}, $rows${rows}$rows$)"
                )
        steps += [f"ALTER SEQUENCE {sequence} RESTART" for sequence in sequences]
        return "; ".join([*steps, "COMMIT"])
