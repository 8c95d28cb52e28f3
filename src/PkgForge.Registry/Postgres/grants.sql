-- What each role of the farm may do (DESIGN 6). Runs after the migrations, in their transaction, each time: afterwards every role that there
-- is has just these rights on the farm's tables. Roles are of the whole server, and a farm may do without them; what is not there is
-- passed by. Who does not own the tables gives no rights.
--
-- A table that a later migration adds is nobody's until it stands here: so there are no default privileges. Identity columns count by
-- themselves and need no right to their sequences. To lock a row (FOR UPDATE, FOR SHARE) takes the right to change one of its columns.
DO $body$
DECLARE
    roles  text[] := ARRAY['pkgforge_admin', 'pkgforge_incoming', 'pkgforge_builder', 'pkgforge_web'];
    tables text[] := ARRAY[
        'attempt', 'builder', 'cap', 'duration', 'job', 'job_after', 'lane', 'migration', 'outbox', 'platform', 'product', 'refusal',
        'state', 'submitter', 'task', 'token', 'account', 'maintainer', 'credential', 'audit', 'identity', 'package', 'job_package', 'published', 'day_sum'];
    counters text[] := ARRAY[
        'account_id_seq', 'audit_id_seq', 'builder_id_seq', 'job_number_seq', 'lane_id_seq', 'outbox_id_seq', 'package_id_seq', 'platform_id_seq', 'submitter_id_seq', 'task_id_seq'];
    reader text;
    given  record;
BEGIN
    SELECT coalesce(array_agg(rolname ORDER BY rolname), '{}') INTO roles FROM pg_roles WHERE rolname = ANY (roles);
    IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = to_regclass('task')), 'USAGE') THEN
        RETURN;
    END IF;

    FOREACH reader IN ARRAY roles LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I', array_to_string(tables, ', '), reader);
        EXECUTE format('REVOKE ALL ON SEQUENCE %s FROM %I', array_to_string(counters, ', '), reader);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), reader);
        -- Everybody may look at everything, but not at what builders' machines and people prove themselves with.
        EXECUTE format('GRANT SELECT ON %s TO %I', array_to_string(array_remove(array_remove(tables, 'token'), 'credential'), ', '), reader);
    END LOOP;

    FOR given IN
        SELECT role, rights
        FROM (VALUES
            -- Everything but the schema, and what has already been applied to it.
            ('{admin}', 'INSERT, UPDATE, DELETE ON attempt, builder, cap, duration, job, job_after, lane, outbox, platform, product, refusal,'
                || ' submitter, task, token, account, maintainer, credential, audit, identity, package, job_package, published, day_sum'),
            ('{admin}', 'SELECT ON token, credential'),
            -- A copied registry goes on counting where the old one was.
            ('{admin}', 'UPDATE ON SEQUENCE ' || array_to_string(counters, ', ')),

            -- Registers jobs with their tasks: it neither claims nor ends them.
            ('{incoming}', 'INSERT ON job, job_after, submitter, package, job_package'),
            ('{incoming}', 'INSERT (job, platform, lane, state, estimate, waiting, blocked), UPDATE (rank, blocked) ON task'),
            ('{incoming}', 'INSERT, UPDATE (first_rank, first_id) ON lane'),

            -- Takes a builder's name, claims for it, ends tasks or puts them back, learns from them. The web does it for builders elsewhere.
            -- A claim under a cap locks the cap, and so takes the right to change a column of it: the one that has two values.
            ('{builder,web}', 'UPDATE (session, held, host, last_seen, fast_faults, quarantine, quarantined, canary, turn) ON builder'),
            ('{builder,web}', 'UPDATE (state, lease, lease_expires, claimed, session, builder, turn, cancel_requested, faults, waiting, blocked,'
                || ' refused) ON task'),
            ('{builder,web}', 'UPDATE (first_rank, first_id) ON lane'),
            ('{builder,web}', 'UPDATE (kind) ON cap'),
            ('{builder,web}', 'UPDATE (state, ended) ON job'),
            ('{builder,web}', 'UPDATE (used) ON submitter'),
            ('{builder,web}', 'INSERT ON attempt, product'),
            ('{builder,web}', 'INSERT, UPDATE (sha256, task, attempt, package, version, at) ON published'),
            ('{builder,web}', 'INSERT, UPDATE (milliseconds) ON duration'),
            ('{builder,web}', 'INSERT, UPDATE (reason, refused), DELETE ON refusal'),

            -- Lets builders' machines enrol. Cancels, retries, moves jobs to another priority, for users.
            ('{web}', 'SELECT, INSERT (sha256, kind, builder, created), UPDATE (ended) ON token'),
            -- Logs people in and out, binds accounts to whom a provider of identities means, and notes what they do; it gives nobody a role.
            ('{web}', 'SELECT, INSERT, UPDATE (expires), DELETE ON credential'),
            ('{web}', 'INSERT ON identity'),
            ('{web}', 'INSERT ON audit'),
            -- Sums up days that are over, for those who look at statistics.
            ('{web}', 'INSERT ON day_sum'),
            ('{web}', 'UPDATE (lane) ON task'),
            ('{web}', 'INSERT ON lane'),
            ('{web}', 'UPDATE (priority) ON job'),
            ('{web}', 'DELETE ON product'),

            -- Mail is written with what it tells of, and sent by whoever runs.
            ('{incoming,builder,web}', 'INSERT, UPDATE (due, tries), DELETE ON outbox')
        ) AS given(names, rights), unnest(names::text[]) AS name, concat('pkgforge_', name) AS role
        WHERE role = ANY (roles)
    LOOP
        EXECUTE format('GRANT %s TO %I', given.rights, given.role);
    END LOOP;
END
$body$;
