-- How many tokens a model takes in one call, as its provider tells or an admin says. Absent: not known.
ALTER TABLE model ADD COLUMN context_tokens INTEGER CHECK (context_tokens > 0);
