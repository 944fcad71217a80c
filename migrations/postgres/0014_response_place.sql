-- Where answers lie that a provider keeps, so that a call that goes on with one reaches the same credential, for its own person only.
CREATE TABLE response_place (
    id TEXT NOT NULL PRIMARY KEY,
    person_id BIGINT NOT NULL,
    provider_id BIGINT NOT NULL REFERENCES provider (id) ON DELETE CASCADE,
    credential_id BIGINT,
    created_at BIGINT NOT NULL
);
CREATE INDEX response_place_age ON response_place (created_at);
