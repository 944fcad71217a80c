-- An attempt is found by its call, and by nothing else: its own id needs no index beside that.
CREATE TABLE attempt_of_call (
    id INTEGER NOT NULL,
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
    error_message TEXT,
    PRIMARY KEY (call_id, number)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt_of_call SELECT id, call_id, number, provider_id, provider, credential_id, credential, model, started_at, status,
    first_byte_us, duration_us, upstream_request_id, fault, error_code, error_message FROM attempt;
DROP TABLE attempt;
ALTER TABLE attempt_of_call RENAME TO attempt;

-- `call_state` holds open calls, too.
DROP INDEX call_open;
