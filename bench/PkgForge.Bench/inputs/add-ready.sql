-- @jobs jobs that wait, each with a task on every platform.
INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, submitted, registered, state)
SELECT 'ready-' || n, 'user' || n % 10, 'main', false, '["source' || n % 5000 || '_1.0-1.dsc"]', repeat('0', 64), now(), now(), 3
FROM generate_series(1, @jobs) AS n
ORDER BY n;

INSERT INTO task (job, platform, lane, waiting)
SELECT job.number, lane.platform, lane.id, job.registered
FROM job JOIN submitter ON submitter.name = job.submitter JOIN lane ON lane.submitter = submitter.id
WHERE job.state = 3
ORDER BY job.number, lane.platform;
