-- Where answers lie that a provider keeps, so that a call that goes on with one reaches the same credential, for its own person only.
CREATE TABLE response_place (
    id TEXT NOT NULL PRIMARY KEY,
    person_id INTEGER NOT NULL,
    provider_id INTEGER NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    credential_id INTEGER,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX response_place_age ON response_place (created_at);
