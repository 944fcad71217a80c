-- The hub's own keys are made once, and wrapped anew when the master key changes; none is ever taken away.

CREATE TRIGGER hub_key_stays BEFORE DELETE ON hub_key
BEGIN SELECT RAISE(ABORT, 'a key of the hub never goes'); END;
-- Each session has so many sign-ins open at a time.
CREATE INDEX identity_attempt_session ON identity_attempt (session_hash, expires_at);
