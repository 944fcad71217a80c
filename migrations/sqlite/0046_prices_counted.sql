-- A counter of prices by themselves: whoever has to know whether those in memory are still the ones that are stored need not wait until all else is
-- read again that has changed meanwhile. The database counts, so that whoever writes prices cannot forget it.
-- Same names and columns as migrations/postgres; a test compares them.

INSERT INTO counter (name, value) VALUES ('prices', 0);
CREATE TRIGGER price_counted AFTER INSERT ON price
BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'prices';
END;
