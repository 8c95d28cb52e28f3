-- Packages: which jobs build which source packages, what buckets hold and who made it, and what statistics are made of.

-- Source packages by name: a row each, however often they are built.
CREATE TABLE package (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text COLLATE "C" NOT NULL UNIQUE
);

-- The sources of jobs. "version" is what stands in the file's name; empty where nothing does.
CREATE TABLE job_package (
    job     bigint NOT NULL REFERENCES job (number) ON DELETE CASCADE,
    package bigint NOT NULL REFERENCES package (id),
    version text COLLATE "C" NOT NULL,
    PRIMARY KEY (job, package, version)
);

CREATE TABLE named AS
SELECT job, CASE WHEN rpm THEN regexp_replace(file, '-[^-]*-[^-]*$', '') ELSE split_part(stem, '_', 1) END AS name,
       CASE WHEN rpm THEN regexp_replace(left(file, -8), '^.*-([^-]*-[^-]*)$', '\1')
            WHEN position('_' IN stem) > 0 THEN substring(stem FROM position('_' IN stem) + 1)
            ELSE '' END AS version
FROM (SELECT number AS job, file, regexp_replace(file, '\.[^.]*$', '') AS stem,
             file LIKE '%.src.rpm' AND file LIKE '%-%-%' AS rpm
      FROM job, json_array_elements_text(sources::json) AS listed (file)) AS source;
INSERT INTO package (name) SELECT DISTINCT name FROM named WHERE name <> '' ORDER BY name;
INSERT INTO job_package (job, package, version)
SELECT DISTINCT named.job, package.id, named.version FROM named JOIN package ON package.name = named.name COLLATE "C";
DROP TABLE named;
CREATE INDEX job_package_by_package ON job_package (package, job DESC);

-- What buckets hold: of each file who published it last. "package" is empty where nobody can tell of which source of its job the file is.
-- Tasks and attempts are kept by their numbers: a foreign key would have to be looked up without an index.
CREATE TABLE published (
    platform  bigint NOT NULL REFERENCES platform (id),
    bucket    text COLLATE "C" NOT NULL,
    file_name text COLLATE "C" NOT NULL,
    sha256    text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    task      bigint NOT NULL,
    attempt   bigint NOT NULL CHECK (attempt > 0),
    package   bigint REFERENCES package (id),
    version   text COLLATE "C",
    at        timestamptz NOT NULL,
    PRIMARY KEY (platform, bucket, file_name),
    CHECK ((package IS NULL) = (version IS NULL))
);

INSERT INTO published (platform, bucket, file_name, sha256, task, attempt, package, version, at)
SELECT DISTINCT ON (task.platform, job.bucket, product.file_name)
       task.platform, job.bucket, product.file_name, product.sha256, task.id, task.lease, single.package, single.version, attempt.ended
FROM product
JOIN task ON task.id = product.task
JOIN attempt ON attempt.task = task.id AND attempt.number = task.lease
JOIN job ON job.number = task.job
JOIN platform ON platform.id = task.platform
LEFT JOIN LATERAL (SELECT min(package) AS package, min(version) AS version FROM job_package
                   WHERE job_package.job = job.number HAVING count(*) = 1) AS single ON true
WHERE task.state = 13 AND NOT job.scratch
  AND CASE platform.format
      WHEN 'debian' THEN file_name LIKE '%.deb' OR file_name LIKE '%.udeb'
      WHEN 'rpm' THEN file_name LIKE '%.rpm' AND file_name NOT LIKE '%.src.rpm' AND file_name NOT LIKE '%.nosrc.rpm'
      ELSE true END
ORDER BY task.platform, job.bucket, product.file_name, attempt.ended DESC, task.id DESC;
CREATE INDEX published_by_package ON published (package, at DESC);

-- The source that failed; empty where none did, or nobody can tell. Kept by its number, as above.
ALTER TABLE attempt ADD COLUMN package bigint;
UPDATE attempt SET package = single.package
FROM task, (SELECT job, min(package) AS package FROM job_package GROUP BY job HAVING count(*) = 1) AS single
WHERE task.id = attempt.task AND single.job = task.job AND attempt.outcome = 2;

-- What ended when, and what failed lately.
CREATE INDEX attempt_ended ON attempt (ended, outcome);
CREATE INDEX attempt_failed ON attempt (ended DESC) WHERE outcome = 2;

-- Sums of the ends of a day (UTC) that is over. They are made when somebody first asks for them: ends write nothing here.
CREATE TABLE day_sum (
    day  text COLLATE "C" PRIMARY KEY CHECK (day ~ '^\d{4}-\d\d-\d\d$'),
    sums text COLLATE "C" NOT NULL CHECK (sums::json IS NOT NULL)
);
