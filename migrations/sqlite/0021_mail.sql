-- Mail that is to be sent, links that work once, and people who were invited.
-- Same names and columns as migrations/postgres; a test compares them.

-- When they last proved that their address is theirs; and when they were shown how to begin, which is done once.
ALTER TABLE person ADD COLUMN verified_at INTEGER;
ALTER TABLE person ADD COLUMN welcomed_at INTEGER;
UPDATE person SET welcomed_at = created_at;

-- Who was asked to come. The link of an invitation stands in `link`.
CREATE TABLE invitation (
    id INTEGER NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('owner', 'admin', 'billing', 'auditor', 'member')),
    -- A project that they come into, and as what.
    project_id INTEGER,
    project_role TEXT,
    -- Absent when the command line invited.
    invited_by INTEGER REFERENCES person (id),
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    -- Accepted or revoked; who came of it tells which.
    ended_at INTEGER,
    accepted_by INTEGER REFERENCES person (id)
) STRICT;
CREATE INDEX invitation_email ON invitation (email);

-- What somebody may do once who holds a link. Used by removing the row, so of two who use it one goes on.
CREATE TABLE link (
    -- Its token and its kind, as HMAC only.
    hash TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('reset', 'register', 'confirm', 'invite')),
    person_id INTEGER REFERENCES person (id) ON DELETE CASCADE,
    invitation_id INTEGER REFERENCES invitation (id) ON DELETE CASCADE,
    -- The address that it was made for.
    email TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX link_person ON link (person_id);
CREATE INDEX link_invitation ON link (invitation_id);
CREATE INDEX link_expiry ON link (expires_at);

-- What is to be sent, and what became of it. Holds no text and no token: both are made when it is sent.
CREATE TABLE mail (
    id INTEGER NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    recipient TEXT NOT NULL,
    person_id INTEGER REFERENCES person (id) ON DELETE CASCADE,
    invitation_id INTEGER REFERENCES invitation (id) ON DELETE CASCADE,
    -- The language that was asked in.
    language TEXT NOT NULL,
    -- From where it was asked for.
    address TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Why it could not be sent the last time.
    problem TEXT,
    created_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE INDEX mail_due ON mail (state, due_at);
CREATE INDEX mail_recipient ON mail (recipient, created_at);
