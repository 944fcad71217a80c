-- Projects: people and keys together, and the account that pays. What a key may do, and for how long. The zone of an account.
-- Same names and columns as migrations/postgres; a test compares them.

CREATE TABLE project (
    -- A personal project has the number of its person.
    id INTEGER NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    -- One each, however many make it at once.
    personal_of INTEGER UNIQUE REFERENCES person (id),
    -- Who pays.
    account_id INTEGER NOT NULL REFERENCES account (id),
    created_at INTEGER NOT NULL,
    -- Its keys are refused since then.
    archived_at INTEGER,
    -- Whoever paid does so no more since then, and nobody else was named yet: calls of its keys are refused.
    unpaid_since INTEGER,
    CHECK (personal_of IS NULL OR (id = personal_of AND account_id = personal_of AND archived_at IS NULL AND unpaid_since IS NULL))
) STRICT;
CREATE UNIQUE INDEX project_name ON project (name) WHERE personal_of IS NULL AND archived_at IS NULL;

CREATE TABLE project_member (
    project_id INTEGER NOT NULL REFERENCES project (id),
    person_id INTEGER NOT NULL REFERENCES person (id),
    role TEXT NOT NULL CHECK (role IN ('admin', 'member', 'reader')),
    PRIMARY KEY (project_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX project_member_person ON project_member (person_id);

-- Programs that name themselves in their calls, and the project that such calls of its members belong to.
CREATE TABLE project_application (
    application TEXT NOT NULL PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES project (id),
    -- Its account pays for them, as one of its admins has said; else the account of the key does.
    pays INTEGER NOT NULL DEFAULT 0 CHECK (pays IN (0, 1))
) STRICT;
CREATE INDEX project_application_project ON project_application (project_id);

INSERT INTO project (id, name, personal_of, account_id, created_at)
    SELECT p.id, 'Personal', p.id, p.id, p.created_at FROM person p JOIN account a ON a.id = p.id;
INSERT INTO project_member (project_id, person_id, role) SELECT id, personal_of, 'admin' FROM project;

-- An IANA name. Days, weeks and months of limits begin by it.
ALTER TABLE account ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';

-- Absent in calls from before there were projects.
ALTER TABLE call ADD COLUMN project_id INTEGER;
-- Calls within personal projects, which are most, have `call_person`; those that somebody else pays are few as well.
CREATE INDEX call_project ON call (project_id, id) WHERE project_id <> person_id;
CREATE INDEX call_payer ON call (account_id, id) WHERE account_id <> person_id;

-- The sums of hours by project as well. All calls until now were of personal projects.
CREATE TABLE usage_hour_by_project (
    hour INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    project_id INTEGER NOT NULL,
    -- 0 for the playground.
    key_id INTEGER NOT NULL,
    model TEXT NOT NULL,
    provider_id INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    input_uncached INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    input_audio INTEGER NOT NULL,
    input_image INTEGER NOT NULL,
    output_text INTEGER NOT NULL,
    output_reasoning INTEGER NOT NULL,
    output_audio INTEGER NOT NULL,
    output_image INTEGER NOT NULL,
    charge INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    duration_us INTEGER NOT NULL,
    first_byte_us INTEGER NOT NULL,
    overhead_us INTEGER NOT NULL,
    PRIMARY KEY (hour, account_id, project_id, key_id, model, provider_id)
) STRICT, WITHOUT ROWID;
INSERT INTO usage_hour_by_project
SELECT hour, account_id, account_id, key_id, model, provider_id, calls, errors, input_uncached, cache_read, cache_write_5m,
    cache_write_1h, input_audio, input_image, output_text, output_reasoning, output_audio, output_image, charge, cost, duration_us,
    first_byte_us, overhead_us
FROM usage_hour;
DROP TABLE usage_hour;
ALTER TABLE usage_hour_by_project RENAME TO usage_hour;
CREATE INDEX usage_hour_account ON usage_hour (account_id, hour);
CREATE INDEX usage_hour_project ON usage_hour (project_id, hour);
CREATE INDEX usage_hour_key ON usage_hour (key_id, hour);

-- The column may not refer to a table when it is added and never empty, so triggers look.
ALTER TABLE api_key ADD COLUMN project_id INTEGER NOT NULL DEFAULT 0;
UPDATE api_key SET project_id = person_id;
CREATE TRIGGER api_key_of_project BEFORE INSERT ON api_key
WHEN NOT EXISTS (SELECT 1 FROM project WHERE id = NEW.project_id)
BEGIN SELECT RAISE(ABORT, 'a key belongs to a project'); END;
CREATE TRIGGER api_key_stays_in_project BEFORE UPDATE OF project_id ON api_key
WHEN NOT EXISTS (SELECT 1 FROM project WHERE id = NEW.project_id)
BEGIN SELECT RAISE(ABORT, 'a key belongs to a project'); END;
-- Out of inference, usage and manage, with commas between them.
ALTER TABLE api_key ADD COLUMN scopes TEXT NOT NULL DEFAULT 'inference,usage';
-- From where it may be used, as networks with commas between them; absent: from everywhere.
ALTER TABLE api_key ADD COLUMN addresses TEXT;
ALTER TABLE api_key ADD COLUMN expires_at INTEGER;
ALTER TABLE api_key ADD COLUMN disabled_at INTEGER;
-- By whose right: 0 its owner's, 1 a project admin's, 2 that of an admin of the hub. Who enables it has at least that.
ALTER TABLE api_key ADD COLUMN disabled_right INTEGER NOT NULL DEFAULT 0 CHECK (disabled_right IN (0, 1, 2));
-- Not listed any more; the row stays, as calls name it.
ALTER TABLE api_key ADD COLUMN deleted_at INTEGER;
-- This row is an earlier secret of that key, good until `expires_at`.
ALTER TABLE api_key ADD COLUMN replaced_by INTEGER REFERENCES api_key (id);
CREATE INDEX api_key_project ON api_key (project_id, id);
CREATE INDEX api_key_replaced ON api_key (replaced_by) WHERE replaced_by IS NOT NULL;

-- What a key may ask; all of it where no row stands here. A provider allows each of its models.
CREATE TABLE api_key_allowed (
    key_id INTEGER NOT NULL REFERENCES api_key (id),
    kind TEXT NOT NULL CHECK (kind IN ('model', 'provider')),
    name TEXT NOT NULL,
    PRIMARY KEY (key_id, kind, name)
) STRICT, WITHOUT ROWID;
