-- How often somebody's sessions were ended all at once: for a new password, say. A session is good as long as it bears the same
-- number, so one whose sign-in began before that and is stored after it opens nothing.
ALTER TABLE person ADD COLUMN secured BIGINT NOT NULL DEFAULT 0;
ALTER TABLE session ADD COLUMN secured BIGINT NOT NULL DEFAULT 0;
