-- A registry's past: @jobs jobs that have ended, of 10 submitters, each with a task and an attempt on every platform there is.
INSERT INTO submitter (name) SELECT 'user' || n FROM generate_series(0, 9) AS n ORDER BY n;

INSERT INTO lane (platform, priority, submitter, bucket)
SELECT platform.id, 0, submitter.id, 'main' FROM platform, submitter ORDER BY platform.id, submitter.id;

-- One in 20 has failed, and one in 20 in part.
INSERT INTO job (id, submitter, bucket, scratch, sources, manifest_sha256, submitted, registered, ended, state)
SELECT 'done-' || n, 'user' || n % 10, 'main', false, '["source' || n % 5000 || '_1.0-1.dsc"]', repeat('0', 64),
       time.at, time.at, time.at + interval '20 min', CASE n % 20 WHEN 0 THEN 6 WHEN 1 THEN 7 ELSE 5 END
FROM generate_series(1, @jobs) AS n, LATERAL (SELECT now() - (@jobs - n + 20) * interval '1 min') AS time (at)
ORDER BY n;

INSERT INTO package (name) SELECT DISTINCT 'source' || n % 5000 FROM generate_series(1, @jobs) AS n;

INSERT INTO job_package (job, package, version)
SELECT job.number, package.id, '1.0-1' FROM job JOIN package ON job.sources = '["' || package.name || '_1.0-1.dsc"]';

INSERT INTO task (job, platform, lane, state, lease, waiting)
SELECT job.number, lane.platform, lane.id,
       CASE WHEN job.state = 6 OR (job.state = 7 AND lane.platform = 1) THEN 14 ELSE 13 END, 1, job.registered
FROM job JOIN submitter ON submitter.name = job.submitter JOIN lane ON lane.submitter = submitter.id
ORDER BY job.number, lane.platform;

INSERT INTO attempt (task, number, builder, session, outcome, started, ended, cause, evidence, message, package)
SELECT task.id, 1, 'b' || task.id % 8 + 1, 1, task.state - 12, waiting, waiting + interval '10 min',
       CASE WHEN state = 14 THEN 'compile' END, CASE WHEN state = 14 THEN 'main.c:12: error: expected expression' END, NULL,
       CASE WHEN state = 14 THEN (SELECT package FROM job_package WHERE job_package.job = task.job) END
FROM task
ORDER BY task.id;

-- The bucket has a package of each source.
INSERT INTO published (platform, bucket, file_name, sha256, task, attempt, package, version, at)
SELECT task.platform, 'main', package.name || '_1.0-1_amd64.deb', repeat('0', 64), task.id, 1, package.id, '1.0-1', now()
FROM package
JOIN task ON task.job = (SELECT max(job) FROM job_package WHERE job_package.package = package.id)
WHERE task.state = 13;
