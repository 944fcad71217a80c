-- Programs that ask to be connected: each waits a few minutes for somebody to approve it in the console.
-- Same names and columns as migrations/sqlite; a test compares them.

CREATE TABLE connection (
    id BIGINT NOT NULL PRIMARY KEY,
    -- What the program and the approval page know it by, as HMAC only.
    token_hash TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'denied')),
    -- Where it was asked from, as far as its owner cannot change it at will, and by which program.
    network TEXT NOT NULL,
    agent TEXT NOT NULL,
    key_id BIGINT REFERENCES api_key (id),
    -- The key itself, sealed, until the program has fetched it.
    sealed TEXT,
    -- When it was fetched first.
    fetched_at BIGINT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX connection_expiry ON connection (expires_at);
CREATE INDEX connection_network ON connection (network, created_at);
