-- By which key a change was asked for, where it came over the admin API.

ALTER TABLE audit ADD COLUMN actor_key INTEGER;
