-- The first tables: secrets of the hub itself, people, keys, providers, calls, audit.
-- Same names and columns as migrations/sqlite; a test compares them. Times are microseconds since 1970 (UTC), flags 0 or 1.

CREATE TABLE setting (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Numbers that only grow. `snapshot` is raised with every change of what the request path reads; `process` numbers processes.
CREATE TABLE counter (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counter (name, value) VALUES ('snapshot', 1), ('process', 0);

-- Random keys of the hub, wrapped by the master key.
CREATE TABLE hub_key (
    label TEXT NOT NULL PRIMARY KEY,
    sealed TEXT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE process (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('serve', 'command')),
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    ended_at BIGINT
);

CREATE TABLE person (
    id BIGINT NOT NULL PRIMARY KEY,
    email TEXT COLLATE "C" NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    password_hash TEXT,
    suspended BIGINT NOT NULL DEFAULT 0 CHECK (suspended IN (0, 1)),
    language TEXT,
    theme TEXT,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT
);

-- Sign-ins. The cookie's secret is stored as HMAC only; `data` is sealed.
CREATE TABLE session (
    id BIGINT NOT NULL PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    person_id BIGINT REFERENCES person (id) ON DELETE CASCADE,
    data TEXT NOT NULL,
    address TEXT NOT NULL,
    agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX session_person ON session (person_id);
CREATE INDEX session_expiry ON session (expires_at);

CREATE TABLE api_key (
    id BIGINT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id),
    name TEXT COLLATE "C" NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT
);
CREATE INDEX api_key_person ON api_key (person_id, id);

CREATE TABLE provider (
    id BIGINT NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL UNIQUE,
    title TEXT NOT NULL,
    kind TEXT NOT NULL,
    preset TEXT,
    base_url TEXT,
    connect_ms BIGINT NOT NULL,
    first_byte_ms BIGINT NOT NULL,
    gap_ms BIGINT NOT NULL,
    total_ms BIGINT NOT NULL,
    disconnect TEXT NOT NULL CHECK (disconnect IN ('cancel', 'drain')),
    enabled BIGINT NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE credential (
    id BIGINT NOT NULL PRIMARY KEY,
    provider_id BIGINT NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    label TEXT NOT NULL,
    sealed TEXT NOT NULL,
    hint TEXT NOT NULL,
    enabled BIGINT NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    health TEXT NOT NULL DEFAULT 'unknown' CHECK (health IN ('unknown', 'good', 'failing')),
    last_error TEXT,
    last_used_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX credential_provider ON credential (provider_id, id);

CREATE TABLE model (
    id BIGINT NOT NULL PRIMARY KEY,
    provider_id BIGINT NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    slug TEXT COLLATE "C" NOT NULL,
    enabled BIGINT NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    source TEXT NOT NULL CHECK (source IN ('listed', 'typed')),
    created_at BIGINT NOT NULL,
    UNIQUE (provider_id, slug)
);

-- One row a client request. No prompt and no answer is ever stored. Names are copies, so that the log outlives what it names.
CREATE TABLE call (
    id BIGINT NOT NULL PRIMARY KEY,
    process_id BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    endpoint TEXT NOT NULL,
    door TEXT NOT NULL,
    streamed BIGINT NOT NULL CHECK (streamed IN (0, 1)),
    state TEXT NOT NULL CHECK (state IN ('open', 'succeeded', 'failed', 'cancelled', 'interrupted')),
    status BIGINT,
    person_id BIGINT NOT NULL,
    key_id BIGINT,
    model_asked TEXT NOT NULL,
    model_served TEXT,
    provider_id BIGINT,
    provider TEXT,
    finish_reason TEXT,
    input_uncached BIGINT NOT NULL DEFAULT 0 CHECK (input_uncached >= 0),
    cache_read BIGINT NOT NULL DEFAULT 0 CHECK (cache_read >= 0),
    cache_write_5m BIGINT NOT NULL DEFAULT 0 CHECK (cache_write_5m >= 0),
    cache_write_1h BIGINT NOT NULL DEFAULT 0 CHECK (cache_write_1h >= 0),
    input_audio BIGINT NOT NULL DEFAULT 0 CHECK (input_audio >= 0),
    input_image BIGINT NOT NULL DEFAULT 0 CHECK (input_image >= 0),
    output_text BIGINT NOT NULL DEFAULT 0 CHECK (output_text >= 0),
    output_reasoning BIGINT NOT NULL DEFAULT 0 CHECK (output_reasoning >= 0),
    output_audio BIGINT NOT NULL DEFAULT 0 CHECK (output_audio >= 0),
    usage_source TEXT NOT NULL DEFAULT 'none',
    raw_usage TEXT,
    first_byte_us BIGINT,
    duration_us BIGINT,
    overhead_us BIGINT,
    fault TEXT,
    error_code TEXT,
    error_message TEXT,
    agent TEXT,
    attempts BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX call_person ON call (person_id, id);
CREATE INDEX call_key ON call (key_id, id);
CREATE INDEX call_open ON call (process_id) WHERE state = 'open';

CREATE TABLE attempt (
    id BIGINT NOT NULL PRIMARY KEY,
    call_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    provider_id BIGINT NOT NULL,
    provider TEXT NOT NULL,
    credential_id BIGINT,
    credential TEXT,
    model TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    status BIGINT,
    first_byte_us BIGINT,
    duration_us BIGINT NOT NULL,
    upstream_request_id TEXT,
    fault TEXT,
    error_code TEXT,
    error_message TEXT
);
CREATE INDEX attempt_call ON attempt (call_id, number);

CREATE TABLE audit (
    id BIGINT NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user', 'command_line', 'system')),
    actor_id BIGINT,
    actor_email TEXT,
    address TEXT,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_name TEXT COLLATE "C" NOT NULL,
    before_json TEXT,
    after_json TEXT
);
CREATE INDEX audit_action ON audit (action, id);
