-- A copy of a database tells nobody outside of it.
UPDATE ai_queue_alert_target SET active = false WHERE type IN ('email', 'webhook');
DELETE FROM ai_queue_alert_secret;
