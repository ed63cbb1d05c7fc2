-- A copy of a database asks nobody: the workers are those of the database it was made of.
DELETE FROM ir_config_parameter 
 WHERE key IN ('ai_queue_celery.models', 'ai_queue_celery.documents', 'ai_queue_celery.forecasts');
-- Nor does it take their answers: it may have kept the name and the uuid of that one.
INSERT INTO ir_config_parameter (key, value)
VALUES ('ai_queue_celery.copy', gen_random_uuid()::text)
    ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value;
UPDATE ai_queue_bridge SET name = NULL, date_seen = NULL, down = NULL;
