-- Mail that is to be sent, links that work once, and people who were invited.
-- Same names and columns as migrations/sqlite; a test compares them.

-- When they last proved that their address is theirs; and when they were shown how to begin, which is done once.
ALTER TABLE person ADD COLUMN verified_at BIGINT;
ALTER TABLE person ADD COLUMN welcomed_at BIGINT;
UPDATE person SET welcomed_at = created_at;

-- Who was asked to come. The link of an invitation stands in `link`.
CREATE TABLE invitation (
    id BIGINT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'billing', 'auditor', 'member')),
    -- A project that they come into, and as what.
    project_id BIGINT,
    project_role TEXT,
    -- Absent when the command line invited.
    invited_by BIGINT REFERENCES person (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- Accepted or revoked; who came of it tells which.
    ended_at BIGINT,
    accepted_by BIGINT REFERENCES person (id)
);
CREATE INDEX invitation_email ON invitation (email);

-- What somebody may do once who holds a link. Used by removing the row, so of two who use it one goes on.
CREATE TABLE link (
    -- Its token and its kind, as HMAC only.
    hash TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('reset', 'register', 'confirm', 'invite')),
    person_id BIGINT REFERENCES person (id) ON DELETE CASCADE,
    invitation_id BIGINT REFERENCES invitation (id) ON DELETE CASCADE,
    -- The address that it was made for.
    email TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX link_person ON link (person_id);
CREATE INDEX link_invitation ON link (invitation_id);
CREATE INDEX link_expiry ON link (expires_at);

-- What is to be sent, and what became of it. Holds no text and no token: both are made when it is sent.
CREATE TABLE mail (
    id BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    recipient TEXT NOT NULL,
    person_id BIGINT REFERENCES person (id) ON DELETE CASCADE,
    invitation_id BIGINT REFERENCES invitation (id) ON DELETE CASCADE,
    -- The language that was asked in.
    language TEXT NOT NULL,
    -- From where it was asked for.
    address TEXT,
    attempts BIGINT NOT NULL DEFAULT 0,
    -- Why it could not be sent the last time.
    problem TEXT,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX mail_due ON mail (state, due_at);
CREATE INDEX mail_recipient ON mail (recipient, created_at);
