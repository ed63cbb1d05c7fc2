# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Statements for each dialect: hostile ones and why they are refused, good ones."""

ORDER = "odoo.sale_order"
LINE = "odoo.sale_order_line"
TABLES = {
    ORDER: ["id", "name", "state", "date_order", "amount_total", "partner_id"],
    LINE: ["id", "order_id", "product_id", "price_subtotal", "qty"],
}

#: (reason, statement) that no dialect lets through
HOSTILE = [
    ("kind", "DELETE FROM odoo.sale_order"),
    ("kind", "UPDATE odoo.sale_order SET state = 'sale'"),
    ("kind", "INSERT INTO odoo.sale_order (id) SELECT 1"),
    ("kind", "DROP TABLE odoo.sale_order"),
    ("kind", "CREATE TABLE copy AS SELECT * FROM odoo.sale_order"),
    ("kind", "ALTER TABLE odoo.sale_order ADD COLUMN x INT"),
    ("many", "SELECT 1; DROP TABLE odoo.sale_order"),
    ("many", "SELECT id FROM odoo.sale_order; SELECT 2"),
    ("table", "SELECT * FROM odoo.res_users"),
    ("table", "SELECT table_name FROM information_schema.tables"),
    ("table", "SELECT id FROM odoo.sale_order WHERE id IN (SELECT id FROM secret)"),
    ("table", "SELECT id FROM odoo.sale_order UNION ALL SELECT id FROM odoo.hr_salary"),
    (
        "table",
        "WITH a AS (SELECT id FROM hidden), hidden AS (SELECT 1 AS id) "
        "SELECT id FROM a",
    ),
    ("table", "WITH hidden AS (SELECT id FROM hidden) SELECT id FROM hidden"),
    (
        "part",
        "SELECT a.id FROM (WITH hidden AS (SELECT 1 AS id) SELECT id FROM hidden) "
        "AS a, hidden AS b",
    ),
    (
        "part",
        "WITH RECURSIVE n AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM n) "
        "SELECT id FROM n",
    ),
    ("function", "SELECT pg_sleep(3600) FROM odoo.sale_order"),
    ("function", "SELECT id FROM odoo.sale_order WHERE version() LIKE 'P%'"),
    ("function", "SELECT current_user FROM odoo.sale_order"),
    ("function", "SELECT my_own_function(amount_total) FROM odoo.sale_order"),
    ("function", "SELECT SUM(REPEAT(name, 1000000000)) FROM odoo.sale_order"),
    ("column", "SELECT password FROM odoo.sale_order"),
    ("text", "SELECT id FROM odoo.sale_order WHERE name = 'a\\\\b'"),
    ("empty", " -- nothing\n"),
    ("unreadable", "SELECT FROM WHERE GROUP"),
    ("long", "SELECT id FROM odoo.sale_order WHERE name IN (" + "'a'," * 3000 + "'a')"),
]

#: dialect → (reason, statement) in its own words
HOSTILE_BY_DIALECT = {
    "postgres": [
        ("part", "SELECT * INTO copy FROM odoo.sale_order"),
        ("part", "SELECT id FROM odoo.sale_order FOR UPDATE"),
        ("kind", "COPY odoo.sale_order TO PROGRAM 'curl example.com'"),
        ("kind", "DO $$ BEGIN PERFORM 1; END $$"),
        ("kind", "SET statement_timeout = 0"),
        ("function", "SELECT pg_read_file('/etc/passwd')"),
        ("function", "SELECT lo_import('/etc/passwd')"),
        ("function", "SELECT current_setting('data_directory')"),
        ("function", "SELECT set_config('statement_timeout', '0', false)"),
        ("function", "SELECT query_to_xml('SELECT 1', true, true, '')"),
        ("table", "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(id int)"),
        ("table", "SELECT n FROM generate_series(1, 1000000000) AS s(n)"),
        ("part", "SELECT 'pg_authid'::regclass FROM odoo.sale_order"),
        ("table", "SELECT usename FROM pg_catalog.pg_user"),
        ("part", "SELECT o.id FROM odoo.sale_order o, LATERAL (SELECT 1) x"),
        ("function", "SELECT ARRAY[1, 2]"),
        ("part", "SELECT id FROM odoo.sale_order TABLESAMPLE SYSTEM (1)"),
        ("kind", "EXPLAIN ANALYZE DELETE FROM odoo.sale_order"),
    ],
    "redshift": [
        ("kind", "UNLOAD ('SELECT 1') TO 's3://bucket/x' IAM_ROLE 'r'"),
        ("kind", "COPY odoo.sale_order FROM 's3://bucket/x' IAM_ROLE 'r'"),
        ("kind", "SET query_group TO 'x'"),
        ("part", "SELECT * INTO copy FROM odoo.sale_order"),
        ("table", "SELECT usename FROM pg_user"),
        ("table", "SELECT * FROM stl_query"),
        ("table", "SELECT * FROM svv_external_tables"),
        ("function", "SELECT pg_terminate_backend(1)"),
        ("function", "SELECT current_setting('search_path')"),
        ("kind", "CALL odoo.procedure()"),
        ("kind", "GRANT ALL ON odoo.sale_order TO PUBLIC"),
        ("part", "SELECT 'x'::regclass FROM odoo.sale_order"),
    ],
    "duckdb": [
        ("table", "SELECT * FROM '/etc/passwd'"),
        ("table", "SELECT * FROM 'https://example.com/x.parquet'"),
        ("table", "SELECT * FROM read_csv('/etc/passwd')"),
        ("table", "SELECT * FROM read_parquet('s3://bucket/x')"),
        ("table", "SELECT * FROM read_text('/etc/passwd')"),
        ("table", "SELECT * FROM glob('/*')"),
        ("kind", "COPY odoo.sale_order TO '/tmp/x.csv'"),
        ("kind", "ATTACH '/tmp/other.duckdb' AS other"),
        ("kind", "INSTALL httpfs"),
        ("kind", "LOAD httpfs"),
        ("kind", "PRAGMA database_list"),
        ("kind", "SET enable_external_access = true"),
        ("unreadable", "EXPORT DATABASE '/tmp/x'"),
        ("function", "SELECT getenv('HOME')"),
        ("function", "SELECT current_setting('home_directory')"),
        ("table", "SELECT * FROM range(1000000000)"),
        ("table", "SELECT * FROM query('DROP TABLE odoo.sale_order')"),
        ("function", "SELECT COLUMNS('.*') FROM odoo.sale_order"),
        ("part", "SELECT id FROM odoo.sale_order POSITIONAL JOIN odoo.sale_order_line"),
        ("part", "SELECT id FROM odoo.sale_order USING SAMPLE 10"),
    ],
    "snowflake": [
        ("table", "SELECT * FROM @stage/file.csv"),
        ("part", "SELECT $1 FROM odoo.sale_order"),
        ("part", "SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))"),
        ("part", "SELECT * FROM TABLE(GENERATOR(ROWCOUNT => 1000000000))"),
        ("table", "SELECT * FROM IDENTIFIER('odoo.res_users')"),
        ("function", "SELECT SYSTEM$WHITELIST()"),
        ("function", "SELECT GET_DDL('table', 'odoo.sale_order')"),
        ("function", "SELECT CURRENT_ROLE()"),
        ("kind", "PUT file:///etc/passwd @stage"),
        ("kind", "COPY INTO @stage FROM odoo.sale_order"),
        ("kind", "EXECUTE IMMEDIATE 'DROP TABLE odoo.sale_order'"),
        ("kind", "CALL procedure()"),
        ("kind", "USE ROLE accountadmin"),
        ("kind", "SHOW TABLES"),
        ("table", "SELECT * FROM snowflake.account_usage.users"),
        ("part", "SELECT id FROM odoo.sale_order AT(OFFSET => -3600)"),
        ("part", "SELECT f.value FROM odoo.sale_order o, LATERAL FLATTEN(o.name) f"),
    ],
    "bigquery": [
        ("table", "SELECT * FROM `shop-1.odoo.sale_*`"),
        ("table", "SELECT * FROM `other-project.odoo.sale_order`"),
        ("table", "SELECT * FROM `region-eu`.INFORMATION_SCHEMA.JOBS"),
        ("table", "SELECT * FROM EXTERNAL_QUERY('connection', 'SELECT 1')"),
        ("table", "SELECT * FROM ML.PREDICT(MODEL odoo.m, TABLE odoo.sale_order)"),
        ("unit", "SELECT DATE_TRUNC('month', date) FROM odoo.sale_order"),
        ("function", "SELECT SESSION_USER()"),
        ("kind", "EXPORT DATA OPTIONS (uri = 'gs://x/*') AS SELECT 1"),
        ("kind", "LOAD DATA INTO odoo.x FROM FILES (uris = ['gs://x'])"),
        ("kind", "EXECUTE IMMEDIATE 'DROP TABLE odoo.sale_order'"),
        ("kind", "CREATE TEMP FUNCTION f() RETURNS INT64 LANGUAGE js AS 'return 1'"),
        ("kind", "DECLARE x INT64 DEFAULT 1"),
        ("part", "SELECT @@project_id"),
        ("part", "SELECT @parameter"),
        ("function", "SELECT n FROM UNNEST(GENERATE_ARRAY(1, 1000000000)) AS n"),
        (
            "part",
            "SELECT id FROM odoo.sale_order FOR SYSTEM_TIME AS OF CURRENT_TIMESTAMP()",
        ),
    ],
}

#: statements that every dialect lets through
GOOD = [
    "SELECT COUNT(*) AS orders FROM odoo.sale_order",
    "SELECT state, SUM(amount_total) AS total FROM odoo.sale_order "
    "GROUP BY state ORDER BY total DESC LIMIT 10",
    "SELECT o.name, SUM(l.qty) AS pieces FROM odoo.sale_order AS o "
    "JOIN odoo.sale_order_line AS l ON l.order_id = o.id GROUP BY o.name",
    "WITH big AS (SELECT id, amount_total FROM odoo.sale_order WHERE amount_total > 9) "
    "SELECT COUNT(*) AS n, AVG(amount_total) AS mean FROM big",
    "SELECT EXTRACT(YEAR FROM date_order) AS year, ROUND(SUM(amount_total), 2) AS t "
    "FROM odoo.sale_order GROUP BY EXTRACT(YEAR FROM date_order)",
    "SELECT CASE WHEN amount_total > 100 THEN 'large' ELSE 'small' END AS size, "
    "COUNT(DISTINCT partner_id) AS customers FROM odoo.sale_order GROUP BY 1",
    "SELECT name FROM odoo.sale_order WHERE LOWER(name) LIKE '%1%' AND state IN "
    "('sale', 'done') AND date_order BETWEEN CAST('2026-01-01' AS DATE) AND "
    "CURRENT_DATE",
    "SELECT name, RANK() OVER (PARTITION BY state ORDER BY amount_total DESC) AS place "
    "FROM odoo.sale_order",
    "SELECT state, SUM(amount_total) / NULLIF(COUNT(*), 0) AS m FROM odoo.sale_order "
    "GROUP BY state HAVING COUNT(*) > 1",
    "SELECT id FROM odoo.sale_order WHERE partner_id = 1 UNION ALL "
    "SELECT order_id FROM odoo.sale_order_line WHERE product_id = 7",
]

#: dialect → statements in its own words
GOOD_BY_DIALECT = {
    "postgres": [
        "SELECT DATE_TRUNC('month', date_order) AS month, SUM(amount_total) FILTER "
        "(WHERE state = 'sale') AS sold FROM odoo.sale_order GROUP BY 1 ORDER BY 1",
        "SELECT TO_CHAR(date_order, 'YYYY-MM') AS month, COUNT(*) AS n "
        "FROM odoo.sale_order WHERE date_order >= CURRENT_DATE - INTERVAL '1 year' "
        "GROUP BY 1",
    ],
    "redshift": [
        "SELECT DATE_TRUNC('month', date_order) AS month, SUM(amount_total) AS total "
        "FROM odoo.sale_order GROUP BY 1",
        "SELECT COUNT(*) AS n FROM odoo.sale_order WHERE date_order >= "
        "DATEADD(month, -12, CURRENT_DATE)",
    ],
    "duckdb": [
        "SELECT DATE_TRUNC('month', date_order) AS month, SUM(amount_total) AS total "
        "FROM odoo.sale_order GROUP BY ALL ORDER BY month",
        "SELECT STRFTIME(date_order, '%Y-%m') AS month, MEDIAN(amount_total) AS middle "
        "FROM odoo.sale_order GROUP BY 1",
    ],
    "snowflake": [
        "SELECT DATE_TRUNC('month', date_order) AS month, SUM(amount_total) AS total "
        "FROM odoo.sale_order GROUP BY 1",
        "SELECT name, IFF(amount_total > 0, 1, 0) AS is_paid FROM odoo.sale_order "
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY state ORDER BY amount_total) = 1",
    ],
    "bigquery": [
        "SELECT DATE_TRUNC(DATE(date_order), MONTH) AS month, SUM(amount_total) AS t "
        "FROM odoo.sale_order GROUP BY month",
        "SELECT COUNTIF(state = 'sale') AS n, SAFE_DIVIDE(SUM(amount_total), COUNT(*)) "
        "AS mean FROM odoo.sale_order WHERE DATE(date_order) >= "
        "DATE_SUB(CURRENT_DATE(), INTERVAL 12 MONTH)",
    ],
}
