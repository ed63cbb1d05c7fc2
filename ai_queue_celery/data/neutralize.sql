-- A copy of a database asks nobody: the workers are those of the database it was made of.
DELETE FROM ir_config_parameter 
 WHERE key IN ('ai_queue_celery.models', 'ai_queue_celery.documents', 'ai_queue_celery.forecasts');
UPDATE ai_queue_bridge SET name = NULL, date_seen = NULL, down = NULL;
