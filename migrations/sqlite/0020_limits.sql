-- Limits on keys, projects, people, models and providers, and what counts against them.
-- Same names and columns as migrations/postgres; a test compares them.

CREATE TABLE usage_limit (
    id INTEGER NOT NULL PRIMARY KEY,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('key', 'project', 'user', 'model', 'provider')),
    subject_id INTEGER NOT NULL,
    measure TEXT NOT NULL CHECK (measure IN ('requests', 'tokens', 'concurrent', 'spend')),
    -- The window: its kind, and its span where it has one.
    kind TEXT NOT NULL CHECK (kind IN ('running', 'calendar', 'rolling', 'ever')),
    span TEXT NOT NULL CHECK (span IN ('', 'minute', 'hour', 'day', 'week', 'month')),
    -- In nano-USD where it limits spend.
    most INTEGER NOT NULL CHECK (most >= 0),
    created_at INTEGER NOT NULL,
    UNIQUE (subject_kind, subject_id, measure, kind, span)
) STRICT;

-- What calls that have ended used, by limit and bucket of time. Written in the transaction of a call's end.
CREATE TABLE limit_count (
    limit_id INTEGER NOT NULL,
    -- The moment at which the bucket begins.
    bucket INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (limit_id, bucket)
) STRICT, WITHOUT ROWID;

-- What running calls have reserved, where several servers keep the ledger together. An owner has that in memory.
CREATE TABLE limit_taking (
    limit_id INTEGER NOT NULL,
    call_id INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    PRIMARY KEY (limit_id, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX limit_taking_call ON limit_taking (call_id);

-- The limits that a call counts against, with the bucket of each and what it reserved; as JSON.
ALTER TABLE call ADD COLUMN limited TEXT;
