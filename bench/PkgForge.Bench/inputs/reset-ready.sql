-- The tasks of jobs that wait, as they were when they were added.
UPDATE task SET state = 11, lease = 0, lease_expires = NULL, claimed = NULL, session = NULL, builder = NULL
WHERE job IN (SELECT number FROM job WHERE state = 3) AND state <> 11;

UPDATE lane SET first_rank = -9223372036854775807, first_id = 0;
