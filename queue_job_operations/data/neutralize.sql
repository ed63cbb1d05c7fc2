-- A copy of a database tells nobody outside of it.
UPDATE queue_job_alert_target SET active = false WHERE type IN ('email', 'webhook');
DELETE FROM queue_job_alert_secret;
