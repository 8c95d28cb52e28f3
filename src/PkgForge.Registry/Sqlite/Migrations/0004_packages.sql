-- Packages: which jobs build which source packages, what buckets hold and who made it, and what statistics are made of. The comments on tables
-- are those of PostgreSQL's.

CREATE TABLE package (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE job_package (
    job     INTEGER NOT NULL REFERENCES job (number) ON DELETE CASCADE,
    package INTEGER NOT NULL REFERENCES package (id),
    version TEXT NOT NULL,
    PRIMARY KEY (job, package, version)
) STRICT, WITHOUT ROWID;

-- rtrim(x, replace(x, '-', '')) is x up to its last dash.
CREATE TABLE named AS
WITH source AS (
    SELECT number AS job, value AS file, value GLOB '*.src.rpm' AND value GLOB '*-*-*' AS rpm,
           rtrim(value, replace(value, '-', '')) AS release, rtrim(value, replace(value, '.', '')) AS dotted
    FROM job, json_each(job.sources)),
cut AS (
    SELECT job, file, rpm, substr(release, 1, length(release) - 1) AS unreleased,
           CASE WHEN dotted = '' THEN file ELSE substr(dotted, 1, length(dotted) - 1) END AS stem
    FROM source),
split AS (
    SELECT job, file, rpm, stem, instr(stem, '_') AS place, length(rtrim(unreleased, replace(unreleased, '-', ''))) AS dash FROM cut)
SELECT job, CASE WHEN rpm THEN substr(file, 1, dash - 1) WHEN place = 0 THEN stem ELSE substr(stem, 1, place - 1) END AS name,
       CASE WHEN rpm THEN substr(file, dash + 1, length(file) - dash - 8) WHEN place = 0 THEN '' ELSE substr(stem, place + 1) END AS version
FROM split;
INSERT INTO package (name) SELECT DISTINCT name FROM named WHERE name <> '' ORDER BY name;
INSERT INTO job_package (job, package, version)
SELECT DISTINCT named.job, package.id, named.version FROM named JOIN package ON package.name = named.name;
DROP TABLE named;
CREATE INDEX job_package_by_package ON job_package (package, job DESC);

CREATE TABLE published (
    platform  INTEGER NOT NULL REFERENCES platform (id),
    bucket    TEXT NOT NULL,
    file_name TEXT NOT NULL,
    sha256    TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    task      INTEGER NOT NULL,
    attempt   INTEGER NOT NULL CHECK (attempt > 0),
    package   INTEGER REFERENCES package (id),
    version   TEXT,
    at        INTEGER NOT NULL,
    PRIMARY KEY (platform, bucket, file_name),
    CHECK ((package IS NULL) = (version IS NULL))
) STRICT, WITHOUT ROWID;

INSERT INTO published (platform, bucket, file_name, sha256, task, attempt, package, version, at)
SELECT platform, bucket, file_name, sha256, task, attempt, package,
       CASE WHEN package IS NOT NULL THEN (SELECT min(version) FROM job_package WHERE job_package.job = latest.job) END, at
FROM (SELECT task.platform, job.bucket, product.file_name, product.sha256, task.id AS task, task.lease AS attempt, job.number AS job,
             (SELECT min(package) FROM job_package WHERE job_package.job = job.number HAVING count(*) = 1) AS package,
             max(attempt.ended) AS at
      FROM product
      JOIN task ON task.id = product.task
      JOIN attempt ON attempt.task = task.id AND attempt.number = task.lease
      JOIN job ON job.number = task.job
      JOIN platform ON platform.id = task.platform
      WHERE task.state = 13 AND NOT job.scratch
        AND CASE platform.format
            WHEN 'debian' THEN file_name GLOB '*.deb' OR file_name GLOB '*.udeb'
            WHEN 'rpm' THEN file_name GLOB '*.rpm' AND file_name NOT GLOB '*.src.rpm' AND file_name NOT GLOB '*.nosrc.rpm'
            ELSE true END
      GROUP BY task.platform, job.bucket, product.file_name) AS latest;
CREATE INDEX published_by_package ON published (package, at DESC);

ALTER TABLE attempt ADD COLUMN package INTEGER;
UPDATE attempt SET package = (
    SELECT min(package) FROM job_package JOIN task ON task.job = job_package.job WHERE task.id = attempt.task HAVING count(*) = 1)
WHERE outcome = 2;

CREATE INDEX attempt_ended ON attempt (ended, outcome);
CREATE INDEX attempt_failed ON attempt (ended DESC) WHERE outcome = 2;

CREATE TABLE day_sum (
    day  TEXT PRIMARY KEY CHECK (day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    sums TEXT NOT NULL CHECK (json_valid(sums))
) STRICT, WITHOUT ROWID;
