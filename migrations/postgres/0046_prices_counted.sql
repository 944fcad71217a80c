-- A counter of prices by themselves: whoever has to know whether those in memory are still the ones that are stored need not wait until all else is
-- read again that has changed meanwhile. The database counts, so that servers of the release before do as well.
-- Same names and columns as migrations/sqlite; a test compares them.

INSERT INTO counter (name, value) VALUES ('prices', 0);
CREATE FUNCTION price_is_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE counter SET value = value + 1 WHERE name = 'prices';
    RETURN NULL;
END $$;
CREATE TRIGGER price_counted AFTER INSERT ON price FOR EACH STATEMENT EXECUTE FUNCTION price_is_counted();
