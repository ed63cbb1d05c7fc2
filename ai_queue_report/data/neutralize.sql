-- A copy of a database sends no board to anybody.
UPDATE ai_queue_board_subscription SET active = false, date_next = NULL;
UPDATE ai_queue_board_mailing SET state = 'cancelled' WHERE state IN ('pending', 'sending');
UPDATE ai_queue_board SET date_next = NULL, interval = NULL;
