-- The hub's own keys are made once, and wrapped anew when the master key changes; none is ever taken away.

CREATE TRIGGER hub_key_stays BEFORE DELETE OR TRUNCATE ON hub_key
FOR EACH STATEMENT EXECUTE FUNCTION stays_as_written('a key of the hub never goes');
-- Each session has so many sign-ins open at a time.
CREATE INDEX identity_attempt_session ON identity_attempt (session_hash, expires_at);
