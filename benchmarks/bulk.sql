-- Multiplies the one article, invoice and credit note that Odoo made (see bulk.py) to
-- :products articles and exactly :lines posted invoice lines over :weeks weeks before
-- :monday. Run by psql in one transaction. Chance is a hash: always the same rows.

SET LOCAL synchronous_commit = off;
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '512MB';

-- A number from 0 to 1 that looks random; several for a key by their salt.
CREATE FUNCTION pg_temp.dice(key bigint, salt int) RETURNS float
LANGUAGE sql IMMUTABLE
RETURN (hashint8extended(key, salt) & 2147483647) / 2147483648.0;

-- Add copies of rows of a table, one for each row of a source that belongs to them.
--   prototype: condition over "proto" (the row to copy) and "source"
--   changed: {column: expression over proto and source}; all others are copied
CREATE FUNCTION pg_temp.multiply(
    target regclass, prototype text, source text, changed jsonb
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text[];
    expressions text[];
BEGIN
    SELECT array_agg(quote_ident(attname) ORDER BY attnum),
           array_agg(coalesce(changed ->> attname, 'proto.' || quote_ident(attname))
                     ORDER BY attnum)
      INTO columns, expressions
      FROM pg_attribute
     WHERE attrelid = target AND attnum > 0 AND NOT attisdropped;
    EXECUTE format(
        'INSERT INTO %s (%s) SELECT %s FROM %s proto JOIN %s source ON %s',
        target, array_to_string(columns, ', '), array_to_string(expressions, ', '),
        target, source, prototype
    );
    EXECUTE format('SELECT setval(%L, max(id)) FROM %s', target || '_id_seq', target);
END $$;

-- Indexes and foreign keys come back at the end, made and checked for all rows at once.
CREATE TEMP TABLE aside ON COMMIT DROP AS
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS gone,
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                  pg_get_constraintdef(oid)) AS back
      FROM pg_constraint
     WHERE conrelid IN ('account_move'::regclass, 'account_move_line'::regclass)
       AND contype = 'f'
    UNION ALL
    SELECT format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
      FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid
     WHERE indrelid IN ('account_move'::regclass, 'account_move_line'::regclass)
       AND pg_constraint.oid IS NULL;
DO $$
DECLARE statement text;
BEGIN
    FOR statement IN SELECT gone FROM aside LOOP EXECUTE statement; END LOOP;
END $$;


-- Articles ---------------------------------------------------------------------------

CREATE TEMP TABLE proto_product ON COMMIT DROP AS
    SELECT product.id, product.product_tmpl_id, template.uom_id
      FROM product_product product
      JOIN product_template template ON template.id = product.product_tmpl_id
     WHERE template.default_code = 'PROTOTYPE';

-- "level" is what a regular article sells a week: 3 to 150, most of them little.
-- Of 20 articles 9 are seasonal, 3 have a trend, 5 sell now and then, 2 in lumps and 1
-- is new.
CREATE TEMP TABLE article ON COMMIT DROP AS
    SELECT number,
           (SELECT max(id) FROM product_template) + number AS template_id,
           (SELECT max(id) FROM product_product) + number AS id,
           'A' || to_char(number, 'FM00000') AS code,
           'Article ' || number AS name,
           exp(1.0 + 4.0 * pg_temp.dice(number, 1) ^ 1.5) AS level,
           round((2 + 60 * pg_temp.dice(number, 2))::numeric, 2) AS price,
           CASE WHEN number % 20 < 9 THEN 'seasonal'
                WHEN number % 20 < 12 THEN 'trend'
                WHEN number % 20 < 17 THEN 'seldom'
                WHEN number % 20 < 19 THEN 'lumpy'
                ELSE 'new' END AS pattern
      FROM generate_series(1, :products) number;

SELECT pg_temp.multiply(
    'product_template',
    'proto.id = (SELECT product_tmpl_id FROM proto_product)',
    'article',
    '{"id": "source.template_id",
      "name": "jsonb_build_object(''en_US'', source.name)",
      "default_code": "source.code",
      "list_price": "source.price"}'
);
SELECT pg_temp.multiply(
    'product_product',
    'proto.id = (SELECT id FROM proto_product)',
    'article',
    '{"id": "source.id",
      "product_tmpl_id": "source.template_id",
      "default_code": "source.code"}'
);
UPDATE product_template SET active = false, sale_ok = false
 WHERE id = (SELECT product_tmpl_id FROM proto_product);
UPDATE product_product SET active = false WHERE id = (SELECT id FROM proto_product);


-- Demand -----------------------------------------------------------------------------

CREATE TEMP TABLE demand ON COMMIT DROP AS
    SELECT number, week,
           level * CASE pattern WHEN 'seldom' THEN 0.2
                                WHEN 'lumpy' THEN 8 * pg_temp.dice(key, 4)
                                ELSE 1 END AS quantity
      FROM (SELECT *, number * 1000 + week AS key
              FROM article CROSS JOIN generate_series(0, :weeks - 1) week) cell
     WHERE (pattern = 'seldom' AND pg_temp.dice(key, 3) < 0.3)
        OR (pattern = 'lumpy' AND pg_temp.dice(key, 3) < 0.2)
        OR (pattern = 'new' AND week >= :weeks - 10);

-- The regular articles share what is missing to the wanted number of lines: every one
-- of them has the same number of lines each week, give or take one.
CREATE TEMP TABLE regular ON COMMIT DROP AS
    SELECT *, row_number() OVER (ORDER BY number) - 1 AS rank, count(*) OVER () AS count
      FROM article WHERE pattern IN ('seasonal', 'trend');
CREATE TEMP TABLE missing ON COMMIT DROP AS
    SELECT :lines - count(*) AS lines,
           (SELECT count(*) FROM regular) AS articles,
           (:lines - count(*))::float / (SELECT count(*) * :weeks FROM regular)
               AS lines_a_week
      FROM demand;
DO $$
BEGIN
    IF (SELECT lines FROM missing) < 0 THEN
        RAISE 'So many products need more lines.';
    END IF;
END $$;
INSERT INTO demand
    SELECT number, week,
           level / lines_a_week * (0.6 + 0.8 * pg_temp.dice(slot, 5))
           * CASE pattern
                 WHEN 'seasonal' THEN
                     1 + 0.5 * sin(2 * pi() * (week / 52.0 + pg_temp.dice(number, 6)))
                 ELSE
                     1 + (pg_temp.dice(number, 7) - 0.4) * week / :weeks END
      FROM (SELECT slot, lines_a_week, slot % articles AS rank,
                   (slot / articles % :weeks)::int AS week
              FROM missing CROSS JOIN generate_series(0, missing.lines - 1) slot) slots
      JOIN regular USING (rank);

-- One order line of thirty comes back. "basket" is the document of that day.
CREATE TEMP TABLE line ON COMMIT DROP AS
    SELECT *,
           (row_number() OVER (PARTITION BY day, is_return ORDER BY chance) - 1)
               / :invoice_lines AS basket,
           price * pack AS pack_price,
           price * pack * quantity AS amount
      FROM (SELECT article.id AS product_id, code, name, price, pack, is_return, chance,
                   :'monday'::date + (week - :weeks) * 7 + weekday AS day,
                   greatest(1, round(quantity / pack
                                     / CASE WHEN is_return THEN 4 ELSE 1 END))::numeric
                       AS quantity
              FROM (SELECT *,
                           pg_temp.dice(serial, 8) AS chance,
                           pg_temp.dice(serial, 9) < 1 / 30.0 AS is_return,
                           floor(6 * pg_temp.dice(serial, 10))::int AS weekday,
                           CASE WHEN quantity > 18 AND pg_temp.dice(serial, 11) < 0.3
                                THEN 12 ELSE 1 END AS pack
                      FROM (SELECT *, row_number() OVER () AS serial
                              FROM demand) numbered) thrown
              JOIN article USING (number)) sold;


-- Invoices ---------------------------------------------------------------------------

CREATE TEMP TABLE customer ON COMMIT DROP AS
    SELECT id, name, row_number() OVER (ORDER BY id) - 1 AS rank, count(*) OVER () AS count
      FROM res_partner WHERE name LIKE 'Customer %';
CREATE TEMP TABLE proto_move ON COMMIT DROP AS
    SELECT id, move_type = 'out_refund' AS is_return,
           CASE move_type WHEN 'out_refund' THEN 'RINV/' ELSE 'INV/' END AS series,
           CASE move_type WHEN 'out_refund' THEN -1 ELSE 1 END AS sign
      FROM account_move WHERE ref = 'PROTOTYPE';

CREATE TEMP TABLE invoice ON COMMIT DROP AS
    SELECT day, is_return, basket, total, number, sign,
           proto_move.id AS proto_id,
           series || year || '/' AS prefix,
           series || year || '/' || to_char(number, 'FM00000') AS name,
           (SELECT max(id) FROM account_move) + serial AS id,
           customer.id AS partner_id,
           customer.name AS partner_name
      FROM (SELECT *,
                   row_number() OVER (ORDER BY day, is_return, basket) AS serial,
                   row_number() OVER (PARTITION BY is_return, year
                                      ORDER BY day, basket) AS number
              FROM (SELECT day, is_return, basket, sum(amount) AS total,
                           date_part('year', day) AS year
                      FROM line GROUP BY day, is_return, basket) documents) numbered
      JOIN proto_move USING (is_return)
      JOIN customer ON customer.rank = serial * 7919 % customer.count;

SELECT pg_temp.multiply(
    'account_move',
    'proto.id = source.proto_id',
    'invoice',
    '{"id": "source.id",
      "name": "source.name",
      "ref": "NULL",
      "payment_reference": "source.name",
      "sequence_prefix": "source.prefix",
      "sequence_number": "source.number",
      "date": "source.day",
      "invoice_date": "source.day",
      "invoice_date_due": "source.day",
      "partner_id": "source.partner_id",
      "commercial_partner_id": "source.partner_id",
      "partner_shipping_id": "source.partner_id",
      "invoice_partner_display_name": "source.partner_name",
      "amount_untaxed": "total",
      "amount_total": "total",
      "amount_residual": "total",
      "amount_untaxed_signed": "sign * total",
      "amount_untaxed_in_currency_signed": "sign * total",
      "amount_total_signed": "sign * total",
      "amount_total_in_currency_signed": "sign * total",
      "amount_residual_signed": "sign * total"}'
);

-- What the lines of a document take over from it.
CREATE TEMP TABLE taken_over ON COMMIT DROP AS
    SELECT '{"move_id": "source.move_id",
             "move_name": "source.move_name",
             "ref": "NULL",
             "partner_id": "source.partner_id",
             "date": "source.day",
             "invoice_date": "source.day"}'::jsonb AS changed;

CREATE TEMP TABLE product_line ON COMMIT DROP AS
    SELECT line.*, invoice.id AS move_id, invoice.name AS move_name, partner_id, proto_id,
           sign,
           CASE pack WHEN 12 THEN dozen.res_id
                     ELSE (SELECT uom_id FROM proto_product) END AS uom_id,
           (SELECT max(id) FROM account_move_line)
               + row_number() OVER (ORDER BY invoice.id) AS id
      FROM line
      JOIN invoice USING (day, is_return, basket)
      JOIN ir_model_data dozen
        ON dozen.module = 'uom' AND dozen.name = 'product_uom_dozen'
     -- lines lie in the table as the days went by, which is what reading them costs
     ORDER BY id;
SELECT pg_temp.multiply(
    'account_move_line',
    'proto.move_id = source.proto_id AND proto.display_type = ''product''',
    'product_line',
    '{"id": "source.id",
      "name": "''['' || code || ''] '' || source.name",
      "product_id": "source.product_id",
      "product_uom_id": "source.uom_id",
      "quantity": "source.quantity",
      "price_unit": "pack_price",
      "price_subtotal": "amount",
      "price_total": "amount",
      "balance": "-sign * amount",
      "amount_currency": "-sign * amount",
      "debit": "CASE sign WHEN 1 THEN 0 ELSE amount END",
      "credit": "CASE sign WHEN 1 THEN amount ELSE 0 END"}'::jsonb || changed
) FROM taken_over;

CREATE TEMP TABLE receivable_line ON COMMIT DROP AS
    SELECT day, total, sign, proto_id, partner_id, id AS move_id, name AS move_name,
           (SELECT max(id) FROM account_move_line) + row_number() OVER (ORDER BY id)
               AS id
      FROM invoice
     ORDER BY id;
SELECT pg_temp.multiply(
    'account_move_line',
    'proto.move_id = source.proto_id AND proto.display_type = ''payment_term''',
    'receivable_line',
    '{"id": "source.id",
      "name": "source.move_name",
      "date_maturity": "source.day",
      "balance": "sign * total",
      "amount_currency": "sign * total",
      "amount_residual": "sign * total",
      "amount_residual_currency": "sign * total",
      "debit": "CASE sign WHEN 1 THEN total ELSE 0 END",
      "credit": "CASE sign WHEN 1 THEN 0 ELSE total END"}'::jsonb || changed
) FROM taken_over;

DELETE FROM account_move_line WHERE move_id IN (SELECT id FROM proto_move);
DELETE FROM account_move WHERE id IN (SELECT id FROM proto_move);

DO $$
DECLARE statement text;
BEGIN
    FOR statement IN SELECT back FROM aside LOOP EXECUTE statement; END LOOP;
END $$;
