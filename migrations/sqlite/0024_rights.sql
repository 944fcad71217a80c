-- By whose right each bound of a key was set, and each limit: 0 its owner's, 1 a project admin's, 2 that of an admin of the hub. Who has
-- less tightens it and does not loosen it. And archived projects keep no applications.
-- Same names and columns as migrations/postgres; a test compares them.

ALTER TABLE api_key ADD COLUMN scopes_right INTEGER NOT NULL DEFAULT 0 CHECK (scopes_right IN (0, 1, 2));
ALTER TABLE api_key ADD COLUMN allowed_right INTEGER NOT NULL DEFAULT 0 CHECK (allowed_right IN (0, 1, 2));
ALTER TABLE api_key ADD COLUMN addresses_right INTEGER NOT NULL DEFAULT 0 CHECK (addresses_right IN (0, 1, 2));
ALTER TABLE api_key ADD COLUMN expires_right INTEGER NOT NULL DEFAULT 0 CHECK (expires_right IN (0, 1, 2));

-- Who set the limits of before is not told: those of keys in projects that people share stay with the admins of these.
ALTER TABLE usage_limit ADD COLUMN set_right INTEGER NOT NULL DEFAULT 2 CHECK (set_right IN (0, 1, 2));
UPDATE usage_limit SET set_right = 1 WHERE subject_kind = 'key' AND EXISTS (
    SELECT 1 FROM api_key k JOIN project j ON j.id = k.project_id WHERE k.id = usage_limit.subject_id AND j.personal_of IS NULL
);

-- From which network a sign-in by an identity provider was begun: each has so many open at a time.
ALTER TABLE identity_attempt ADD COLUMN network TEXT NOT NULL DEFAULT '';
CREATE INDEX identity_attempt_network ON identity_attempt (network, expires_at);

DELETE FROM project_application WHERE project_id IN (SELECT id FROM project WHERE archived_at IS NOT NULL);
