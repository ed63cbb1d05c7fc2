-- A copy of a database asks no model, pays nothing and reads nobody's mail.
UPDATE res_company SET ai_queue_forecast_provider_id = NULL, ai_queue_invoice_provider_id = NULL;
-- A key in the environment still fits its name, and extra headers may hold one.
UPDATE ai_queue_provider
   SET active = false, base_url = 'http://neutralized.invalid', headers = NULL, query = NULL
 WHERE type <> 'local';
DELETE FROM ai_queue_provider_secret;
UPDATE account_journal SET ai_queue_read_bills = false;
