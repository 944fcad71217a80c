-- Signing in by identity providers: who they are, whom they name, and sign-ins that have begun.
-- Same names and columns as migrations/sqlite; a test compares them.

-- Those that were added in the console. Those of the configuration file are in no table.
CREATE TABLE identity_provider (
    id BIGINT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    -- Addresses, client id, scopes, domains and rules, as JSON.
    draft TEXT NOT NULL,
    -- The client's secret, sealed.
    sealed TEXT,
    enabled BIGINT NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    created_at BIGINT NOT NULL
);

-- An identity is an issuer and a subject, never an address of mail.
CREATE TABLE identity (
    id BIGINT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    -- As it was told last; for people to tell their identities apart.
    email TEXT,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    UNIQUE (issuer, subject)
);
CREATE INDEX identity_person ON identity (person_id, id);

-- A sign-in between the two visits of the browser. Used once: whoever removes the row goes on.
CREATE TABLE identity_attempt (
    -- The state, as HMAC only.
    state_hash TEXT NOT NULL PRIMARY KEY,
    -- What the browser's session must hold, as HMAC only.
    session_hash TEXT NOT NULL,
    -- Nonce, verifier, where to go on, for whom; sealed.
    sealed TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX identity_attempt_expiry ON identity_attempt (expires_at);
