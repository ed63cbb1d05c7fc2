# Copyright 2026 The ai_queue contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A board as a letter: HTML for the e-mail, and a PDF. Plain data in, no record."""

import io
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.charts.linecharts import HorizontalLineChart
from reportlab.graphics.charts.piecharts import Pie
from reportlab.graphics.shapes import Drawing, Rect, String
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont
from reportlab.platypus import (
    KeepTogether,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import Table as Grid

from odoo.tools import file_path

#: More of them would be no picture any more.
MAX_BARS, MAX_SLICES, MAX_LINES, MAX_POINTS = 24, 8, 40, 400
#: A row is not as high as a page.
MAX_TEXT = 300
MAX_LABEL = 16
COLOR, COLOR_BEFORE = "#3b6ea5", "#b9c7d6"
TEXT, MUTED, LINE = "#1f2933", "#5f6b76", "#d6dbe0"
SLICES = (
    *("#3b6ea5", "#e08e45", "#5a9367", "#b5546b"),
    *("#7a6bb0", "#3fa7a0", "#c2a83e", "#8a8f94"),
)
FONTS = {"": "Roboto-Regular", "-Bold": "Roboto-Bold"}
WIDTH = A4[0] - 36 * mm


@dataclass
class Table:
    """The figures of a tile as people read them.

    head: titles of the columns; rows: texts; values: the first measure of each row,
    and before: the same of the period that it is compared with, where there is one;
    number and number_before: of all together; change: of the two, in words; limited: a
    sentence where more rows were left out; labels: so many columns name the row;
    before_word: what the period before is called; is_time: rows are days, weeks …
    """

    head: list
    rows: list
    labels: int = 1
    values: list = field(default_factory=list)
    before: list = field(default_factory=list)
    number: str = ""
    number_before: str = ""
    change: str = ""
    empty: str = ""
    limited: str = ""
    before_word: str = ""
    is_time: bool = False

    def lines(self, most):
        """Numbers of the rows to show: the last ones of a time, else the first."""
        numbers = range(len(self.rows))
        return numbers[-most:] if self.is_time else numbers[:most]


@dataclass
class Tile:
    """A tile: ``table`` is None where ``error`` says why."""

    title: str
    shape: str
    chart: str
    note: str
    error: str
    table: Table | None


@dataclass
class Page:
    """A board for one reader; ``words`` are in the language of that reader."""

    title: str
    moment: str
    reader: str
    url: str
    leave: str
    words: dict
    tiles: list


# ----------------------------------------------------------------------- HTML


def write_html(page):
    """The e-mail: tables with bars of plain cells, which every mail program shows."""
    words = page.words
    parts = [
        f'<div style="font-family:Arial,sans-serif;color:{TEXT};max-width:680px">',
        f'<h1 style="font-size:22px;margin:0 0 4px">{escape(page.title)}</h1>',
        f'<p style="color:{MUTED};margin:0 0 16px">{escape(words["made"])} '
        f"{escape(page.moment)} · {escape(page.reader)}</p>",
        *map(_html_tile, page.tiles),
        f'<p style="margin:24px 0 8px"><a href="{escape(page.url)}" '
        f'style="color:{COLOR}">{escape(words["open"])}</a></p>',
        f'<p style="color:{MUTED};font-size:12px">{escape(words["why"])} '
        f'<a href="{escape(page.leave)}" style="color:{MUTED}">'
        f"{escape(words['leave'])}</a></p></div>",
    ]
    return "".join(parts)


def _html_tile(tile):
    head = (
        f'<h2 style="font-size:16px;margin:24px 0 2px">{escape(tile.title)}</h2>'
        f'<p style="color:{MUTED};font-size:12px;margin:0 0 8px">'
        f"{escape(tile.note)}</p>"
    )
    table = tile.table
    if table is None:
        return f'{head}<p style="color:#a33">{escape(tile.error)}</p>'
    if table.empty:
        return f'{head}<p style="color:{MUTED}">{escape(table.empty)}</p>'
    if tile.shape == "number":
        return head + _html_number(table)
    return head + _html_rows(table)


def _html_number(table):
    before = ""
    if table.number_before:
        before = (
            f' <span style="color:{MUTED}">{escape(table.change)} '
            f"({escape(table.number_before)})</span>"
        )
    return (
        f'<p style="margin:0"><span style="font-size:28px;font-weight:bold">'
        f"{escape(table.number)}</span>{before}</p>"
    )


def _html_rows(table):
    cell = f"padding:4px 8px;border-bottom:1px solid {LINE};font-size:13px"
    titles = "".join(
        f'<th style="{cell};text-align:{"left" if n < table.labels else "right"}">'
        f"{escape(title)}</th>"
        for n, title in enumerate(table.head)
    )
    most = max((abs(value or 0) for value in table.values), default=0)
    rows = []
    for number in table.lines(MAX_LINES):
        row = table.rows[number]
        cells = "".join(
            f'<td style="{cell};text-align:{"left" if n < table.labels else "right"}">'
            f"{escape(text)}</td>"
            for n, text in enumerate(row)
        )
        value = table.values[number] if number < len(table.values) else 0
        share = round(100 * abs(value or 0) / most) if most else 0
        bar = (
            f'<td style="{cell};width:160px"><table width="{max(share, 1)}%" '
            'cellspacing="0" cellpadding="0"><tr>'
            f'<td style="background:{COLOR};height:10px;font-size:1px">&#160;</td>'
            "</tr></table></td>"
        )
        rows.append(f"<tr>{cells}{bar}</tr>")
    more = (
        f'<p style="color:{MUTED};font-size:12px">{escape(table.limited)}</p>'
        if table.limited
        else ""
    )
    return (
        '<table cellspacing="0" style="border-collapse:collapse;width:100%">'
        f'<tr>{titles}<th style="{cell}"></th></tr>{"".join(rows)}</table>{more}'
    )


# ------------------------------------------------------------------------ PDF


def draw_pdf(page):
    """The board as a PDF of A4 pages; returns bytes."""
    font = _fonts()
    styles = {
        "title": ParagraphStyle(
            "title", fontName=f"{font}-Bold", fontSize=18, leading=22, textColor=TEXT
        ),
        "tile": ParagraphStyle(
            "tile", fontName=f"{font}-Bold", fontSize=12, leading=15, textColor=TEXT
        ),
        "text": ParagraphStyle(
            "text", fontName=font, fontSize=9, leading=12, textColor=TEXT
        ),
        "muted": ParagraphStyle(
            "muted", fontName=font, fontSize=8, leading=10, textColor=MUTED
        ),
        "number": ParagraphStyle(
            "number", fontName=f"{font}-Bold", fontSize=22, leading=27, textColor=TEXT
        ),
    }
    story = [
        Paragraph(escape(page.title), styles["title"]),
        Paragraph(
            escape(f"{page.words['made']} {page.moment} · {page.reader}"),
            styles["muted"],
        ),
        Spacer(1, 6 * mm),
    ]
    for tile in page.tiles:
        story += [_pdf_tile(tile, styles, font), Spacer(1, 7 * mm)]
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        title=page.title,
        author=page.reader,
        leftMargin=18 * mm,
        rightMargin=18 * mm,
        topMargin=16 * mm,
        bottomMargin=16 * mm,
    )

    def number(canvas, _document):
        canvas.setFont(font, 8)
        canvas.setFillColor(colors.HexColor(MUTED))
        canvas.drawRightString(A4[0] - 18 * mm, 9 * mm, str(canvas.getPageNumber()))

    document.build(story, onFirstPage=number, onLaterPages=number)
    return target.getvalue()


def _fonts():
    """The family of a font that knows Latin, Greek and Cyrillic; Odoo brings it."""
    try:
        for style, name in FONTS.items():
            if f"BoardRoboto{style}" not in pdfmetrics.getRegisteredFontNames():
                path = file_path(f"web/static/fonts/google/Roboto/{name}.ttf")
                pdfmetrics.registerFont(TTFont(f"BoardRoboto{style}", path))
    except (OSError, TTFError):
        return "Helvetica"
    return "BoardRoboto"


def _pdf_tile(tile, styles, font):
    parts = [Paragraph(escape(tile.title), styles["tile"])]
    if tile.note:
        parts.append(Paragraph(escape(tile.note), styles["muted"]))
    parts.append(Spacer(1, 2 * mm))
    table = tile.table
    if table is None or table.empty:
        parts.append(
            Paragraph(escape(table.empty if table else tile.error), styles["text"])
        )
        return KeepTogether(parts)
    if tile.shape == "number":
        parts.append(Paragraph(escape(table.number), styles["number"]))
        if table.number_before:
            text = f"{table.change} ({table.number_before})"
            parts.append(Paragraph(escape(text), styles["muted"]))
    elif tile.shape == "graph" and table.labels and any(table.values):
        parts.append(_drawing(tile, font))
    else:
        parts.append(_grid(table, styles, font))
    if table.limited:
        parts.append(Paragraph(escape(table.limited), styles["muted"]))
    return KeepTogether(parts)


def _grid(table, styles, font):
    texts = [table.head, *(table.rows[n] for n in table.lines(MAX_LINES))]
    cells = [
        [
            Paragraph(
                escape(text[:MAX_TEXT]),
                ParagraphStyle(
                    "cell",
                    parent=styles["text"],
                    fontName=f"{font}-Bold" if not line else font,
                    alignment=0 if column < table.labels else 2,
                ),
            )
            for column, text in enumerate(row)
        ]
        for line, row in enumerate(texts)
    ]
    grid = Grid(cells, colWidths=[WIDTH / len(table.head)] * len(table.head))
    grid.setStyle(
        TableStyle(
            [
                ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor(LINE)),
                ("TOPPADDING", (0, 0), (-1, -1), 2),
                ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return grid


def _drawing(tile, font):
    if tile.chart == "pie" and all((value or 0) >= 0 for value in tile.table.values):
        return _pie(tile.table, font)
    return _axes(tile, font)


def _axes(tile, font):
    table = tile.table
    drawing = Drawing(WIDTH, 62 * mm)
    shown = table.lines(MAX_POINTS if table.is_time else MAX_LINES)
    # So many bars would be a line.
    is_many = table.is_time and len(shown) > MAX_BARS
    is_line = tile.chart == "line" or is_many
    chart = HorizontalLineChart() if is_line else VerticalBarChart()
    chart.x, chart.y = 18 * mm, 14 * mm
    chart.width, chart.height = WIDTH - 20 * mm, 44 * mm
    series = [[table.values[number] or 0 for number in shown]]
    if any(table.before):
        series.append([table.before[number] or 0 for number in shown])
    chart.data = series
    parts = chart.lines if is_line else chart.bars
    for number, color in enumerate((COLOR, COLOR_BEFORE)[: len(series)]):
        if is_line:
            parts[number].strokeColor = colors.HexColor(color)
            parts[number].strokeWidth = 1.6
        else:
            parts[number].fillColor = colors.HexColor(color)
            parts[number].strokeColor = None
    values = [0, *(value for one in series for value in one)]
    chart.valueAxis.valueMin = 1.1 * min(values)
    chart.valueAxis.valueMax = 1.1 * max(values)
    # Below what is less than nothing, not across it.
    chart.categoryAxis.labelAxisMode = "low"
    chart.valueAxis.labels.fontName = chart.categoryAxis.labels.fontName = font
    chart.valueAxis.labels.fontSize = chart.categoryAxis.labels.fontSize = 7
    chart.valueAxis.labelTextFormat = _short
    chart.valueAxis.strokeColor = None
    chart.valueAxis.visibleGrid = True
    chart.valueAxis.gridStrokeColor = colors.HexColor(LINE)
    chart.categoryAxis.strokeColor = colors.HexColor(LINE)
    step = -(-len(shown) // MAX_BARS) if table.is_time else 1
    names = [
        "" if place % step else _label(table.rows[number], table.labels)
        for place, number in enumerate(shown)
    ]
    chart.categoryAxis.categoryNames = names
    if len(names) > 6:
        chart.categoryAxis.labels.angle = 30
        chart.categoryAxis.labels.boxAnchor = "ne"
    drawing.add(chart)
    if len(series) > 1:
        _add_key(drawing, table.before_word, font)
    return drawing


def _add_key(drawing, word, font):
    """What the pale colour means."""
    drawing.add(
        Rect(
            WIDTH - 48 * mm,
            58 * mm,
            3 * mm,
            3 * mm,
            fillColor=colors.HexColor(COLOR_BEFORE),
            strokeColor=None,
        )
    )
    drawing.add(String(WIDTH - 44 * mm, 58.5 * mm, word, fontName=font, fontSize=7))


def _pie(table, font):
    drawing = Drawing(WIDTH, 55 * mm)
    pie = Pie()
    pie.x, pie.y, pie.width, pie.height = WIDTH / 2 - 22 * mm, 5 * mm, 44 * mm, 44 * mm
    pie.data = [value or 0 for value in table.values]
    pie.labels = [_label(row, table.labels) for row in table.rows]
    if len(pie.data) > MAX_SLICES:
        # What is left over is a slice, too: together they are the whole.
        rest = sum(pie.data[MAX_SLICES - 1 :])
        pie.data = [*pie.data[: MAX_SLICES - 1], rest]
        pie.labels = [*pie.labels[: MAX_SLICES - 1], "…"]
    pie.sideLabels = True
    pie.slices.fontName, pie.slices.fontSize = font, 7
    pie.slices.strokeColor = colors.white
    for number in range(len(pie.data)):
        pie.slices[number].fillColor = colors.HexColor(SLICES[number % len(SLICES)])
    drawing.add(pie)
    return drawing


def _label(row, labels):
    text = " · ".join(row[:labels])
    return text if len(text) <= MAX_LABEL else f"{text[: MAX_LABEL - 1]}…"


def _short(value):
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{name}"
    return f"{value:.4g}"
