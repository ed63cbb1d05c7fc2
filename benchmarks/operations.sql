-- Multiplies the one job that Odoo made (see operations.py) to :jobs jobs of the last four
-- weeks. Run by psql in one transaction. Chance is a hash: always the same rows.
-- More end by day than by night; of 100 jobs 3 fail, 2 are cancelled; :waiting wait.

SET LOCAL synchronous_commit = off;
SET LOCAL work_mem = '256MB';

CREATE FUNCTION pg_temp.dice(key bigint, salt int) RETURNS float
LANGUAGE sql IMMUTABLE
RETURN ((hashint8extended(key, salt) & 2147483647) + 1) / 2147483649.0;

CREATE TEMP TABLE job ON COMMIT DROP AS
WITH told AS (
    SELECT number,
           CASE WHEN number <= :waiting THEN 'pending'
                WHEN number <= :waiting + 20 THEN 'started'
                WHEN pg_temp.dice(number, 1) < 0.03 THEN 'failed'
                WHEN pg_temp.dice(number, 1) < 0.05 THEN 'cancelled'
                ELSE 'done' END AS state,
           now() AT TIME ZONE 'UTC' - make_interval(secs =>
               CASE WHEN number <= :waiting + 20 THEN 3000 * pg_temp.dice(number, 2)
                    -- the later half of each day has two thirds of the jobs
                    ELSE 86400 * (floor(28 * pg_temp.dice(number, 2))
                         + pg_temp.dice(number, 3) ^ 1.3) END) AS ended,
           exp(0.5 + 1.4 * sqrt(-2 * ln(pg_temp.dice(number, 4)))
               * cos(6.2831853 * pg_temp.dice(number, 5))) AS run_time,
           -30 * ln(pg_temp.dice(number, 6)) AS wait_time,
           (ARRAY['root', 'root.mail', 'root.mail.bulk', 'root.sync', 'root.reports',
                  'root.ai_forecasting', 'root.ai_processing', 'root.stock']
           )[1 + floor(8 * pg_temp.dice(number, 7))::int] AS channel,
           (SELECT array_agg(id ORDER BY id) FROM res_company
           )[1 + floor(3 * pg_temp.dice(number, 8))::int] AS company_id
      FROM generate_series(1, :jobs) AS number
)
SELECT told.*, ended - make_interval(secs => run_time) AS started
  FROM told;

-- One notice for each row would tell nobody anything.
ALTER TABLE queue_job DISABLE TRIGGER USER;
INSERT INTO queue_job (
    uuid, state, channel, company_id, date_created, date_enqueued, date_started,
    date_done, date_cancelled, exec_time, exc_name, exc_message, exc_info, name, user_id,
    model_name, method_name, func_string, channel_method_name, job_function_id, records,
    args, kwargs, dependencies, priority, retry, max_retries, result
)
SELECT gen_random_uuid()::varchar, job.state, job.channel, job.company_id,
       CASE WHEN job.state IN ('pending', 'started') THEN job.ended
            ELSE job.started - make_interval(secs => job.wait_time) END,
       CASE WHEN job.state IN ('started', 'done', 'failed') THEN job.started END,
       CASE WHEN job.state IN ('started', 'done', 'failed') THEN job.started END,
       CASE WHEN job.state = 'done' THEN job.ended END,
       CASE WHEN job.state = 'cancelled' THEN job.ended END,
       CASE WHEN job.state = 'done' THEN job.run_time END,
       CASE WHEN job.state = 'failed' THEN 'odoo.exceptions.UserError' END,
       CASE WHEN job.state = 'failed' THEN 'The service does not answer.' END,
       CASE WHEN job.state = 'failed' THEN repeat('  File "/opt/odoo/addons', 60) END,
       proto.name, proto.user_id, proto.model_name, proto.method_name, proto.func_string,
       proto.channel_method_name, proto.job_function_id, proto.records, proto.args,
       proto.kwargs, proto.dependencies, 10, 1, 5,
       CASE WHEN job.state = 'done' THEN 'All is well.' END
  FROM job, (SELECT * FROM queue_job ORDER BY id LIMIT 1) AS proto
 ORDER BY coalesce(job.ended, now());
ALTER TABLE queue_job ENABLE TRIGGER USER;
DELETE FROM queue_job WHERE id = (SELECT min(id) FROM queue_job);
