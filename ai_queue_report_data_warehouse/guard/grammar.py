# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a statement may consist of. All else is refused, whatever it is.

A list of what is forbidden would have to know every function of five warehouses, and
those of tomorrow.
"""

from sqlglot import exp

#: type of a warehouse → the name of its SQL in sqlglot
DIALECTS = {
    "postgresql": "postgres",
    "redshift": "redshift",
    "duckdb": "duckdb",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
}

_STRUCTURE = """
    Select Union Intersect Except Subquery With CTE TableAlias From Join Where Group
    Having Order Ordered Limit Fetch Offset Distinct Qualify Window WindowSpec Alias
    Column Identifier Table Star Literal Boolean Null Paren Tuple Var Case If Filter
    WithinGroup IgnoreNulls Exists
"""
_OPERATORS = """
    And Or Not Xor EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Add Sub Mul Div IntDiv
    Mod Neg Between In Is Like ILike DPipe Cast TryCast DataType DataTypeParam Interval
"""
_AGGREGATES = """
    Sum Count Avg Min Max CountIf Median Quantile PercentileCont PercentileDisc Stddev
    StddevPop StddevSamp Variance VariancePop Corr ApproxDistinct AnyValue LogicalOr
    LogicalAnd SumIf AvgIf
    RowNumber Rank DenseRank PercentRank CumeDist Ntile Lag Lead FirstValue LastValue
"""
_VALUES = """
    Coalesce Nullif Greatest Least Abs Sign Round Floor Ceil Trunc Pow Sqrt Ln Log Exp
    SafeDivide Upper Lower Initcap Trim Concat SafeConcat Substring Left Right Length
    StrPosition StartsWith Contains EndsWith
"""
_TIMES = """
    Extract DateTrunc TimestampTrunc DatetimeTrunc DateAdd DateSub DateDiff TimestampAdd
    TimestampSub TimestampDiff DatetimeAdd DatetimeSub DatetimeDiff TsOrDsAdd TsOrDsDiff
    TsOrDsToDate TsOrDsToTimestamp TsOrDsToDatetime AddMonths MonthsBetween LastDay Date
    DateFromParts MakeInterval Year Quarter Month Week WeekOfYear Day DayOfMonth
    DayOfWeek DayOfWeekIso DayOfYear Dayname Monthname CurrentDate CurrentTimestamp
    CurrentDatetime TimeToStr ToChar Timestamp WeekStart
"""


def _classes(*texts):
    """The classes of these names; other releases of sqlglot lack some."""
    names = " ".join(texts).split()
    return frozenset(getattr(exp, name) for name in names if hasattr(exp, name))


#: the kinds of nodes that a statement may have
NODES = _classes(_STRUCTURE, _OPERATORS, _AGGREGATES, _VALUES, _TIMES)

#: what stands at the top, and in brackets
QUERIES = _classes("Select Union Intersect Except")

_CLAUSES = {
    *("joins", "where", "group", "having", "qualify", "order", "limit", "offset"),
    *("distinct", "with_", "with"),
}
#: class → the parts that it may have; those of other classes are seen by their kinds
PARTS = {
    exp.Select: _CLAUSES | {"expressions", "from_", "from"},
    exp.Union: _CLAUSES | {"this", "expression", "by_name"},
    exp.Intersect: _CLAUSES | {"this", "expression", "by_name"},
    exp.Except: _CLAUSES | {"this", "expression", "by_name"},
    exp.Table: {"this", "db", "catalog", "alias"},
    exp.With: {"expressions"},
    exp.CTE: {"this", "alias"},
    exp.TableAlias: {"this", "columns"},
    exp.Star: {"except", "except_"},
}

#: how tables may be joined
JOIN_METHODS = {"", "NATURAL"}

_Type = exp.DataType.Type
#: a text may not become the name of a table, a role or a function
TYPES = frozenset(
    getattr(_Type, name)
    for name in """
        BOOLEAN TINYINT SMALLINT INT BIGINT INT128 FLOAT DOUBLE DECIMAL BIGDECIMAL
        CHAR NCHAR VARCHAR NVARCHAR TEXT DATE DATETIME DATETIME2 DATETIME64 TIME TIMETZ
        TIMESTAMP TIMESTAMPTZ TIMESTAMPLTZ TIMESTAMPNTZ TIMESTAMP_S TIMESTAMP_MS
        TIMESTAMP_NS INTERVAL
    """.split()
    if hasattr(_Type, name)
)

#: the units of time, in the spelling of all dialects
UNITS = frozenset(
    """
        SECOND MINUTE HOUR DAY WEEK ISOWEEK MONTH QUARTER YEAR ISOYEAR DECADE
        SECONDS MINUTES HOURS DAYS WEEKS MONTHS QUARTERS YEARS
        DOW ISODOW DOY DAYOFWEEK DAYOFWEEKISO DAYOFYEAR EPOCH
    """.split()
)
