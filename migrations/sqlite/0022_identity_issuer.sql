-- The issuer of an identity of plain OAuth 2 is all that decides who somebody is: where that is told, in which field, and who
-- gives the token it is asked with. Of two providers that shared an address the older one goes on.
-- The same with the words of PostgreSQL in migrations/postgres. Providers of the configuration file move their people when a
-- server starts (`gateway::identity`).

UPDATE identity SET issuer = (
    SELECT issuer || '#' || json_extract(p.draft, '$.way.fields.subject') || '@' || json_extract(p.draft, '$.way.token')
    FROM identity_provider p
    WHERE json_extract(p.draft, '$.way.kind') = 'oauth2' AND json_extract(p.draft, '$.way.userinfo') = issuer
    ORDER BY p.id LIMIT 1
)
WHERE EXISTS (
    SELECT 1 FROM identity_provider p
    WHERE json_extract(p.draft, '$.way.kind') = 'oauth2' AND json_extract(p.draft, '$.way.userinfo') = issuer
);
