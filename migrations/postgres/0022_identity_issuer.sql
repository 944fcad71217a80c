-- The issuer of an identity of plain OAuth 2 is all that decides who somebody is: where that is told, in which field, and who
-- gives the token it is asked with. Of two providers that shared an address the older one goes on.
-- The same with the words of SQLite in migrations/sqlite. Providers of the configuration file move their people when a
-- server starts (`gateway::identity`).

UPDATE identity SET issuer = (
    SELECT issuer || '#' || (p.draft::jsonb #>> '{way,fields,subject}') || '@' || (p.draft::jsonb #>> '{way,token}')
    FROM identity_provider p
    WHERE p.draft::jsonb #>> '{way,kind}' = 'oauth2' AND p.draft::jsonb #>> '{way,userinfo}' = issuer
    ORDER BY p.id LIMIT 1
)
WHERE EXISTS (
    SELECT 1 FROM identity_provider p
    WHERE p.draft::jsonb #>> '{way,kind}' = 'oauth2' AND p.draft::jsonb #>> '{way,userinfo}' = issuer
);
