# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The change log: which records changed, noted by triggers, whoever changed them.

It must be read without missing anything. A transaction writes its rows long before it
commits, so rows with higher numbers may be there before some with lower ones. Every
transaction that writes to the log therefore says so at its first row, by an advisory
lock that holds the number the log had reached then. Nobody ever waits for these locks;
they are gone when the transaction ends, also if it is killed. All rows up to the lowest
of these numbers are final: whoever wrote them has ended.

So only transactions that changed something *here* hold the reader up. The oldest
transaction of all would be simpler to ask for; but every running job of the queue has
one, since its lock is a row, and a forecast of ten minutes would be as many of lag.
"""

import hashlib

import psycopg2
from psycopg2 import errorcodes, sql

LOG, SEQUENCE = "ai_queue_change", "ai_queue_change_seq"
PREFIX = "ai_queue_change_"
MARK, LOGS = "ai_queue_change_mark", "ai_queue_change_log_"
#: the upper 16 bits of the advisory locks; the number of the log has 48
LOCKS = 0x4151
#: how long to wait for people who are writing to a table
LOCK_TIMEOUT = "3s"
EVENTS = {"INSERT": "new", "UPDATE": "new", "DELETE": "old"}

_MAKE = f"""
CREATE SEQUENCE {SEQUENCE};
SELECT nextval('{SEQUENCE}');
CREATE TABLE {LOG} (
    source text NOT NULL,
    number bigint NOT NULL DEFAULT nextval('{SEQUENCE}'),
    res_id bigint NOT NULL,
    noted timestamp NOT NULL DEFAULT (clock_timestamp() AT TIME ZONE 'UTC'),
    PRIMARY KEY (source, number)
);
ALTER SEQUENCE {SEQUENCE} OWNED BY {LOG}.number;
CREATE FUNCTION {MARK}() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('ai_queue.change', true)
       IS DISTINCT FROM pg_current_xact_id()::text
    THEN
        PERFORM pg_advisory_xact_lock_shared(
            ({LOCKS}::bigint << 48) | (SELECT last_value FROM {SEQUENCE}));
        -- A savepoint that is rolled back takes back both, the lock and this.
        PERFORM set_config('ai_queue.change', pg_current_xact_id()::text, true);
    END IF;
END $$;
"""


def make(cr):
    """Make the log, empty, where there is none."""
    cr.execute("SELECT to_regclass(%s)", (LOG,))
    if not cr.fetchone()[0]:
        cr.execute(_MAKE)


def remove(cr):
    """Take away all triggers, their functions and the log."""
    cr.execute("SELECT proname FROM pg_proc WHERE starts_with(proname, %s)", (LOGS,))
    for (function,) in cr.fetchall():
        _execute(cr, "DROP FUNCTION {}() CASCADE", function)
    _execute(cr, "DROP TABLE IF EXISTS {}", LOG)
    _execute(cr, "DROP FUNCTION IF EXISTS {}()", MARK)


def _execute(cr, statement, *names, **parts):
    """Execute a statement about things of these names."""
    statement = sql.SQL(statement).format(*map(sql.Identifier, names), **parts)
    # The names are quoted by psycopg2; pylint sees the format.
    cr.execute(statement)  # pylint: disable=sql-injection


# ---------------------------------------------------------------- triggers


def get_tables(cr):
    """The tables that have our triggers."""
    cr.execute(
        """
        SELECT DISTINCT relname FROM pg_trigger
          JOIN pg_class ON pg_class.oid = tgrelid
         WHERE starts_with(tgname, %s) AND NOT tgisinternal
           AND pg_table_is_visible(pg_class.oid)
        """,
        (PREFIX,),
    )
    return {name for (name,) in cr.fetchall()}


def install(cr, table, columns=None):
    """Note what changes in a table; triggers that fit are left alone.

    :param columns: note only updates that change one of these; else all changes
    :raise psycopg2.errors.LockNotAvailable: people write to the table all the time
    """
    function = get_function(table)
    # Whoever writes to it just now ends first, by the rules of before.
    hold(cr, table)
    _define(cr, function, columns)
    cr.execute(
        "SELECT tgname, tgoldtable IS NOT NULL FROM pg_trigger "
        "WHERE tgrelid = %s::regclass",
        (f'"{table}"',),
    )
    known = dict(cr.fetchall())
    for event in EVENTS if columns is None else ["UPDATE"]:
        name = PREFIX + event.lower()
        # PostgreSQL keeps a copy of all rows for each of them: only where it is needed.
        with_old = event == "DELETE" or columns is not None
        if known.get(name) == with_old:
            continue
        if name in known:
            _execute(cr, "DROP TRIGGER {} ON {}", name, table)
        tables = "" if event == "DELETE" else " NEW TABLE AS changed_new"
        tables += " OLD TABLE AS changed_old" if with_old else ""
        _execute(
            cr,
            f"CREATE TRIGGER {{}} AFTER {event} ON {{}} REFERENCING{tables} "
            "FOR EACH STATEMENT EXECUTE FUNCTION {}()",
            name,
            table,
            function,
        )


def hold(cr, table):
    """Let nobody write to a table, nor install or uninstall what notes its changes."""
    cr.execute("SET LOCAL lock_timeout = %s", (LOCK_TIMEOUT,))
    _execute(cr, "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE", table)


def uninstall(cr, table):
    """Note nothing of this table any more."""
    cr.execute("SET LOCAL lock_timeout = %s", (LOCK_TIMEOUT,))
    for event in EVENTS:
        _execute(cr, "DROP TRIGGER IF EXISTS {} ON {}", PREFIX + event.lower(), table)
    _execute(cr, "DROP FUNCTION IF EXISTS {}()", get_function(table))
    cr.execute(f"DELETE FROM {LOG} WHERE source = %s", (table,))


def is_busy(error):
    """Whether a statement failed since somebody else uses the table."""
    codes = (errorcodes.LOCK_NOT_AVAILABLE, errorcodes.DEADLOCK_DETECTED)
    return isinstance(error, psycopg2.Error) and error.pgcode in codes


def get_function(table):
    """The name of the function that notes what changes in a table."""
    # A name has 63 characters at most, and that of a table may have them all.
    return LOGS + hashlib.sha256(table.encode()).hexdigest()[:16]


def _define(cr, function, columns):
    """Make or replace the function of the triggers of a table."""
    # Nothing is marked, and no lock taken, for statements that change no row. The plan
    # of a session is made at its first statement and kept: were that one of a single
    # row, it would look through all old rows for each new one of a bulk later on.
    body = f"""
        BEGIN
            IF TG_OP = 'DELETE' THEN
                IF EXISTS (SELECT FROM changed_old) THEN
                    PERFORM {MARK}();
                    INSERT INTO {LOG} (source, res_id)
                    SELECT TG_TABLE_NAME, id FROM changed_old;
                END IF;
            ELSIF TG_OP = 'INSERT' THEN
                IF EXISTS (SELECT FROM changed_new) THEN
                    PERFORM {MARK}();
                    INSERT INTO {LOG} (source, res_id)
                    SELECT TG_TABLE_NAME, id FROM changed_new;
                END IF;
            ELSIF EXISTS (SELECT FROM changed_new) THEN
                PERFORM {MARK}();
                {_note_update(columns)}
            END IF;
            RETURN NULL;
        END;
    """
    _execute(
        cr,
        "CREATE OR REPLACE FUNCTION {}() RETURNS trigger LANGUAGE plpgsql "
        "SECURITY DEFINER SET enable_nestloop = off AS {body}",
        function,
        # A text and no $$: a name of a column may have these signs.
        body=sql.Literal(body),
    )


def _note_update(columns):
    """What notes the rows of an update; where a column is gone, all of them.

    An addon that is uninstalled takes its columns along, and what people write then
    must not fail. It is asked for beforehand: to catch the error would take a
    transaction within theirs for each statement.
    """
    note = f"INSERT INTO {LOG} (source, res_id)"
    note_all = f"{note} SELECT TG_TABLE_NAME, id FROM changed_new;"
    if columns is None:
        return note_all
    names = sorted(columns)
    pairs = " OR ".join(
        f"now.{name} IS DISTINCT FROM was.{name}" for name in map(_quote, names)
    )
    listed = ", ".join("'{}'".format(name.replace("'", "''")) for name in names)
    return f"""
                IF {len(names)} = (
                    SELECT count(*) FROM pg_attribute
                     WHERE attrelid = TG_RELID AND NOT attisdropped
                       AND attname = ANY(ARRAY[{listed}]::name[]))
                THEN
                    {note} SELECT TG_TABLE_NAME, now.id FROM changed_new AS now
                    JOIN changed_old AS was ON was.id = now.id
                    WHERE {pairs or "FALSE"};
                ELSE
                    {note_all}
                END IF;
    """


def _quote(name):
    return '"{}"'.format(name.replace('"', '""'))


# ---------------------------------------------------------------- reading


def get_frontier(cr):
    """The number up to which the log is final; nothing will be added below it.

    In a transaction that reads what others have committed meanwhile. What its own
    transaction has written counts as final.
    """
    # In this order: who took a number before the first question has its lock already
    # when the second one is asked, or has ended.
    _execute(cr, "SELECT last_value FROM {}", SEQUENCE)
    (last,) = cr.fetchone()
    cr.execute(
        """
        SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) FROM pg_locks
         WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 16 = %s
           AND database = (SELECT oid FROM pg_database
                            WHERE datname = current_database())
           AND pid <> pg_backend_pid()
        """,
        (LOCKS,),
    )
    (held,) = cr.fetchone()
    return last if held is None else min(last, held)


def get_end(cr, sources, low, high, limit):
    """The number of the last of so many changes in a range; None without any."""
    cr.execute(
        f"""
        SELECT max(number) FROM (
            SELECT number FROM {LOG}
             WHERE source = ANY(%s) AND number > %s AND number <= %s
             ORDER BY number LIMIT %s) AS first
        """,
        (list(sources), low, high, limit),
    )
    return cr.fetchone()[0]


def get_middle(cr, sources, low, high):
    """A number that halves the changes of a range; None if they are too few."""
    cr.execute(
        f"""
        SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY number) FROM {LOG}
         WHERE source = ANY(%s) AND number > %s AND number <= %s
        """,
        (list(sources), low, high),
    )
    middle = cr.fetchone()[0]
    return middle if middle is not None and middle < high else None


def get_ids(cr, source, low, high):
    """The ids of a table that the changes of a range are about."""
    cr.execute(
        f"SELECT DISTINCT res_id FROM {LOG} "
        "WHERE source = %s AND number > %s AND number <= %s",
        (source, low, high),
    )
    return {res_id for (res_id,) in cr.fetchall()}


def get_changed(cr, sources, low, high):
    """Those of these tables that have changes in a range."""
    cr.execute(
        f"SELECT DISTINCT source FROM {LOG} "
        "WHERE source = ANY(%s) AND number > %s AND number <= %s",
        (sources, low, high),
    )
    return [source for (source,) in cr.fetchall()]


def count_waiting(cr, sources, low):
    """How many changes there are above a number, and when the oldest was noted."""
    cr.execute(
        f"SELECT count(*), min(noted) FROM {LOG} "
        "WHERE source = ANY(%s) AND number > %s",
        (list(sources), low),
    )
    return cr.fetchone()


def trim(cr, needed):
    """Delete what nobody needs any more.

    :param needed: {source: the lowest number that somebody has read up to}
    """
    for source, number in needed.items():
        cr.execute(
            f"DELETE FROM {LOG} WHERE source = %s AND number <= %s", (source, number)
        )
