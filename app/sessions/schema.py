"""The tables of the history, and how a file of an older version becomes one of this version.

A released step is never changed: what comes later is a further step. Further steps only add (columns that may
be empty or have a default, tables whose rows go with their session), so that a version from before them can
read the file, and write on in it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database, Migrations

SET = "instep.sessions"
"""The name under which the file notes the steps it has been through."""

# The comments inside the statements stay in the file: whoever opens it with another tool reads them there.
_FIRST = """
CREATE TABLE sessions (
  number INTEGER PRIMARY KEY,        -- in the order they began
  id TEXT NOT NULL UNIQUE,
  boot TEXT NOT NULL,                -- which run of the machine's software
  person TEXT,                       -- NULL: a guest
  program TEXT NOT NULL,
  program_version INTEGER NOT NULL,
  title TEXT NOT NULL,
  started_at REAL,                   -- seconds since 1970 UTC; NULL: the clock was not known to be right
  position REAL NOT NULL UNIQUE,     -- started_at, or just after the session before where that is unknown
  monotonic_s REAL NOT NULL,         -- when it began, on the clock of that boot
  minutes INTEGER NOT NULL,          -- asked for at the start
  intensity INTEGER NOT NULL,
  heat_c REAL,                       -- NULL: off
  feet TEXT NOT NULL,
  end_minutes INTEGER,               -- asked for at the end
  end_intensity INTEGER,
  end_heat_c REAL,
  duration_s REAL,                   -- running time, pauses left out; NULL: still running
  max_level REAL,                    -- in force
  mean_level REAL,
  outcome TEXT CHECK (outcome IN ('completed', 'stopped', 'pain', 'fault', 'interrupted')),
  before INTEGER CHECK (before BETWEEN 0 AND 10),  -- how the feet felt: 0 fine, 10 very sore
  after INTEGER CHECK (after BETWEEN 0 AND 10),
  channels TEXT NOT NULL             -- JSON: the names of the curves, in the order of samples.data
) STRICT;

-- Each list that the screen can show is one walk along one of these.
CREATE INDEX sessions_by_program ON sessions (program, position);
CREATE INDEX sessions_by_person ON sessions (person, position);
CREATE INDEX sessions_by_person_and_program ON sessions (person, program, position);
CREATE INDEX sessions_by_time ON sessions (started_at, duration_s);
CREATE INDEX sessions_by_person_and_time ON sessions (person, started_at, duration_s);
CREATE INDEX sessions_open ON sessions (number) WHERE outcome IS NULL;
CREATE INDEX sessions_undated ON sessions (boot) WHERE started_at IS NULL;

CREATE TABLE events (
  number INTEGER PRIMARY KEY,
  session INTEGER REFERENCES sessions (number) ON DELETE CASCADE,  -- NULL: it concerns the machine
  elapsed_s REAL NOT NULL,           -- since the session began, pauses included
  what TEXT NOT NULL,
  detail TEXT NOT NULL,              -- JSON object
  boot TEXT,                         -- these three only where there is no session to tell the time
  monotonic_s REAL,
  at REAL                            -- seconds since 1970 UTC
) STRICT;

CREATE INDEX events_of_session ON events (session) WHERE session IS NOT NULL;
CREATE INDEX events_of_machine ON events (boot) WHERE session IS NULL;

CREATE TABLE samples (
  number INTEGER PRIMARY KEY,
  session INTEGER NOT NULL REFERENCES sessions (number) ON DELETE CASCADE,
  second INTEGER NOT NULL,           -- of the first point
  data TEXT NOT NULL,                -- JSON: a string per channel, a character per second; see view curves
  UNIQUE (session, second)
) STRICT;

-- One row a point: pads in degrees C, bags in mmHg above the room, level 0 to 10.
CREATE VIEW curves AS
WITH RECURSIVE
  step (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM step WHERE i < 59),
  cell AS (
    SELECT sessions.id AS session, samples.second AS first, samples.second + step.i AS second,
      names.key AS place, names.value AS channel, unicode(substr(texts.value, step.i + 1, 1)) - 48 AS code
    FROM sessions
    JOIN samples ON samples.session = sessions.number
    JOIN json_each(samples.data) AS texts
    JOIN json_each(sessions.channels) AS names ON names.key = texts.key
    JOIN step ON step.i < length(texts.value)
  ),
  change AS (
    SELECT session, first, second, place, channel,
      CASE WHEN code < 0 THEN NULL WHEN code % 2 THEN -(code + 1) / 2 ELSE code / 2 END AS by
    FROM cell
  )
SELECT session, second, channel,
  CASE WHEN by IS NOT NULL THEN
    sum(by) OVER (PARTITION BY session, first, place ORDER BY second)
      / CASE WHEN channel LIKE 'bag.%' THEN 1.0 ELSE 10.0 END
  END AS value
FROM change;
"""

_WORDS = """
CASE events.what
  WHEN 'self-test' THEN trim(
    coalesce(json_extract(events.detail, '$.heat'), '') || ' '
    || coalesce(json_extract(events.detail, '$.air'), '')
  )
  ELSE json_extract(events.detail, '$.detail')
END
"""
"""What an event of a version of before says was found, in English."""

_SECOND = f"""
ALTER TABLE events ADD COLUMN code TEXT;      -- of a fault
ALTER TABLE events ADD COLUMN part TEXT;      -- the key of the part that it is about
ALTER TABLE events ADD COLUMN severity TEXT;
ALTER TABLE events ADD COLUMN found TEXT;     -- JSON: what was found, as a message with its values
ALTER TABLE events ADD COLUMN text TEXT;      -- the same of rows of before, in English words

UPDATE events SET code = json_extract(detail, '$.code'), text = {_WORDS}
WHERE what IN ('fault', 'cleared', 'self-test') AND json_valid(detail);
"""

_STEPS = {"001_first": _FIRST, "002_messages": _SECOND}

KNOWN = frozenset(_STEPS)
"""The steps this version knows; a file that has been through others is from a newer one."""


def said(db: Database) -> str:
    """The columns of ``events`` for an event's code and severity, and from which
    :func:`app.sessions.rows.found_of` makes what was found.

    Asked anew for each look: another process may have brought the file up to date since it was opened. One of
    before has none but ``detail``, and a version of before writes into the newest without filling the others.
    """
    columns = {name for _, name, *_ in db.execute("PRAGMA table_info(events)")}
    if "found" not in columns:
        return f"json_extract(events.detail, '$.code'), NULL, NULL, {_WORDS}"
    return (
        "coalesce(events.code, json_extract(events.detail, '$.code')), events.severity, events.found, "
        f"coalesce(events.text, {_WORDS})"
    )


def fits(db: Database) -> bool:
    """Whether this version can read a newer one's file and write on in it: all of ours is there, and what was
    added asks for nothing."""
    for table, ours in _columns().items():
        found = {
            name: (kind, bool(needed) and default is None)
            for _at, name, kind, needed, default, _key in db.execute(f"PRAGMA table_info({table})").fetchall()
        }
        if any(name not in found or found[name][0] != kind for name, kind in ours.items()):
            return False
        if any(needed for name, (_kind, needed) in found.items() if name not in ours):
            return False
    return True


@cache
def _columns() -> dict[str, dict[str, str]]:
    """Our tables' columns and what is in them."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        for statements in _STEPS.values():
            db.executescript(statements)
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: {name: kind for _at, name, kind, *_ in db.execute(f"PRAGMA table_info({table})")}
            for table in tables
        }


@cache
def steps() -> Migrations:
    """Return every step of the schema, oldest first. Imports sqlite_utils, which takes its time."""
    from sqlite_utils import Migrations

    migrations = Migrations(SET)
    for name, statements in _STEPS.items():
        migrations(name=name)(_step(statements))
    return migrations


def _step(statements: str) -> Callable[[Database], None]:
    def run(db: Database) -> None:
        db.executescript(statements)

    return run
