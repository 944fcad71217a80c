-- The first tables: secrets of the hub itself, people, keys, providers, calls, audit.
-- Same names and columns as migrations/postgres; a test compares them. Times are microseconds since 1970 (UTC), flags 0 or 1.

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

-- Numbers that only grow. `snapshot` is raised with every change of what the request path reads; `process` numbers processes.
CREATE TABLE counter (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
INSERT INTO counter (name, value) VALUES ('snapshot', 1), ('process', 0);

-- Random keys of the hub, wrapped by the master key.
CREATE TABLE hub_key (
    label TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE process (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('serve', 'command')),
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;

CREATE TABLE person (
    id INTEGER NOT NULL PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    password_hash TEXT,
    suspended INTEGER NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
    language TEXT,
    theme TEXT,
    created_at INTEGER NOT NULL,
    last_seen_at INTEGER
) STRICT;

-- Sign-ins. The cookie's secret is stored as HMAC only; `data` is sealed.
CREATE TABLE session (
    id INTEGER NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    person_id INTEGER REFERENCES person (id) ON DELETE CASCADE,
    data TEXT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE api_key (
    id INTEGER NOT NULL PRIMARY KEY,
    person_id INTEGER NOT NULL REFERENCES person (id),
    name TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at INTEGER
) STRICT;
CREATE INDEX api_key_person ON api_key (person_id, id);

CREATE TABLE provider (
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    preset TEXT,
    base_url TEXT,
    connect_ms INTEGER NOT NULL,
    first_byte_ms INTEGER NOT NULL,
    gap_ms INTEGER NOT NULL,
    total_ms INTEGER NOT NULL,
    disconnect TEXT NOT NULL CHECK (disconnect IN ('cancel', 'drain')),
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    position INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE credential (
    id INTEGER NOT NULL PRIMARY KEY,
    provider_id INTEGER NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    sealed TEXT NOT NULL,
    hint TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    health TEXT NOT NULL DEFAULT 'unknown' CHECK (health IN ('unknown', 'good', 'failing')),
    last_error TEXT,
    last_used_at INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX credential_provider ON credential (provider_id, id);

CREATE TABLE model (
    id INTEGER NOT NULL PRIMARY KEY,
    provider_id INTEGER NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    slug TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    source TEXT NOT NULL CHECK (source IN ('listed', 'typed')),
    created_at INTEGER NOT NULL,
    UNIQUE (provider_id, slug)
) STRICT;

-- One row a client request. No prompt and no answer is ever stored. Names are copies, so that the log outlives what it names.
CREATE TABLE call (
    id INTEGER NOT NULL PRIMARY KEY,
    process_id INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    door TEXT NOT NULL,
    streamed INTEGER NOT NULL CHECK (streamed IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('open', 'succeeded', 'failed', 'cancelled', 'interrupted')),
    status INTEGER,
    person_id INTEGER NOT NULL,
    key_id INTEGER,
    model_asked TEXT NOT NULL,
    model_served TEXT,
    provider_id INTEGER,
    provider TEXT,
    finish_reason TEXT,
    input_uncached INTEGER NOT NULL DEFAULT 0 CHECK (input_uncached >= 0),
    cache_read INTEGER NOT NULL DEFAULT 0 CHECK (cache_read >= 0),
    cache_write_5m INTEGER NOT NULL DEFAULT 0 CHECK (cache_write_5m >= 0),
    cache_write_1h INTEGER NOT NULL DEFAULT 0 CHECK (cache_write_1h >= 0),
    input_audio INTEGER NOT NULL DEFAULT 0 CHECK (input_audio >= 0),
    input_image INTEGER NOT NULL DEFAULT 0 CHECK (input_image >= 0),
    output_text INTEGER NOT NULL DEFAULT 0 CHECK (output_text >= 0),
    output_reasoning INTEGER NOT NULL DEFAULT 0 CHECK (output_reasoning >= 0),
    output_audio INTEGER NOT NULL DEFAULT 0 CHECK (output_audio >= 0),
    usage_source TEXT NOT NULL DEFAULT 'none',
    raw_usage TEXT,
    first_byte_us INTEGER,
    duration_us INTEGER,
    overhead_us INTEGER,
    fault TEXT,
    error_code TEXT,
    error_message TEXT,
    agent TEXT,
    attempts INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX call_person ON call (person_id, id);
CREATE INDEX call_key ON call (key_id, id);
CREATE INDEX call_open ON call (process_id) WHERE state = 'open';

CREATE TABLE attempt (
    id INTEGER NOT NULL PRIMARY KEY,
    call_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    provider_id INTEGER NOT NULL,
    provider TEXT NOT NULL,
    credential_id INTEGER,
    credential TEXT,
    model TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    status INTEGER,
    first_byte_us INTEGER,
    duration_us INTEGER NOT NULL,
    upstream_request_id TEXT,
    fault TEXT,
    error_code TEXT,
    error_message TEXT
) STRICT;
CREATE INDEX attempt_call ON attempt (call_id, number);

CREATE TABLE audit (
    id INTEGER NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user', 'command_line', 'system')),
    actor_id INTEGER,
    actor_email TEXT,
    address TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_name TEXT NOT NULL,
    before_json TEXT,
    after_json TEXT
) STRICT;
CREATE INDEX audit_action ON audit (action, id);
