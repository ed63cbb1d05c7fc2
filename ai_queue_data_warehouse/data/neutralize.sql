-- A copy of a database sends nothing: not to a warehouse elsewhere, nor to a file.
UPDATE ai_queue_warehouse
   SET active = false, host = 'neutralized.invalid', login = 'neutralized',
       reader_login = NULL, reader_role = NULL,
       check_state = NULL, check_result = NULL;
UPDATE ai_queue_dataset SET is_paused = true, state = 'paused' WHERE phase <> 'draft';
-- A key in the environment still fits its name: nothing leads there any more.
UPDATE ai_queue_warehouse_secret SET password = NULL, reader_password = NULL;
UPDATE ai_queue_reading SET is_paused = true;
