-- The floor of a claim: the first task of a lane, by the index on waiting tasks, with the same columns set; and its end.
\set lane random(1, 40)
\set builder :client_id + 1
UPDATE task SET state = 12, lease = lease + 1, lease_expires = now() + interval '30 s', claimed = now(), session = 1, builder = :builder, turn = 0
WHERE id = (SELECT id FROM task WHERE lane = :lane AND state = 11 AND blocked = 0 ORDER BY rank, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, lease \gset
UPDATE task SET state = 13, builder = NULL, lease_expires = NULL, claimed = NULL, session = NULL WHERE id = :id;
