-- A copy of a database asks no model, pays nothing and reads nobody's mail.
UPDATE res_company SET ai_queue_forecast_provider_id = NULL, ai_queue_invoice_provider_id = NULL;
-- A key in the environment still fits its name, and extra headers may hold one.
UPDATE ai_queue_provider
   SET active = false, base_url = 'http://neutralized.invalid', headers = NULL, query = NULL
 WHERE type <> 'local';
DELETE FROM ai_queue_provider_secret;
UPDATE account_journal SET ai_queue_read_bills = false;
-- The jobs of the original are cancelled here: what shows them must not wait for ever.
UPDATE ai_queue_run_job
   SET state = 'cancelled', date_done = now() AT TIME ZONE 'UTC', waits_for = NULL
 WHERE state IN ('pending', 'started');
UPDATE ai_queue_run
   SET state = 'cancelled', date_done = now() AT TIME ZONE 'UTC', identity_key = NULL
 WHERE state IN ('pending', 'started');
UPDATE ai_queue_bill_reading SET state = 'cancelled' WHERE state IN ('pending', 'started');
