-- Limits on keys, projects, people, models and providers, and what counts against them.
-- Same names and columns as migrations/sqlite; a test compares them.

CREATE TABLE usage_limit (
    id BIGINT NOT NULL PRIMARY KEY,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('key', 'project', 'user', 'model', 'provider')),
    subject_id BIGINT NOT NULL,
    measure TEXT NOT NULL CHECK (measure IN ('requests', 'tokens', 'concurrent', 'spend')),
    -- The window: its kind, and its span where it has one.
    kind TEXT NOT NULL CHECK (kind IN ('running', 'calendar', 'rolling', 'ever')),
    span TEXT NOT NULL CHECK (span IN ('', 'minute', 'hour', 'day', 'week', 'month')),
    -- In nano-USD where it limits spend.
    most BIGINT NOT NULL CHECK (most >= 0),
    created_at BIGINT NOT NULL,
    UNIQUE (subject_kind, subject_id, measure, kind, span)
);

-- What calls that have ended used, by limit and bucket of time. Written in the transaction of a call's end.
CREATE TABLE limit_count (
    limit_id BIGINT NOT NULL,
    -- The moment at which the bucket begins.
    bucket BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (limit_id, bucket)
);

-- What running calls have reserved, where several servers keep the ledger together. An owner has that in memory.
CREATE TABLE limit_taking (
    limit_id BIGINT NOT NULL,
    call_id BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    reserved BIGINT NOT NULL,
    PRIMARY KEY (limit_id, call_id)
);
CREATE INDEX limit_taking_call ON limit_taking (call_id);

-- The limits that a call counts against, with the bucket of each and what it reserved; as JSON.
ALTER TABLE call ADD COLUMN limited TEXT;
