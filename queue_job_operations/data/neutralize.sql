-- A copy of a database tells nobody outside of it.
UPDATE queue_job_alert_target SET active = false WHERE type IN ('email', 'webhook');
DELETE FROM queue_job_alert_secret;
UPDATE queue_job_alert_delivery SET state = 'dropped' WHERE state = 'waiting';
-- What waits in the original is done there, and may send something out: once is enough.
UPDATE queue_job
   SET state = 'cancelled',
       date_cancelled = now() AT TIME ZONE 'UTC',
       result = 'Neutralized copy: the original does it.'
 WHERE state IN ('wait_dependencies', 'pending', 'enqueued', 'started');
