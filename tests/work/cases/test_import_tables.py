"""Foreign tables: encodings, delimiters, titles, dates, and every way in which a row or a file is wrong."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from siquan.base.kernel.coordinates import Datum
from siquan.base.kernel.errors import BadInput
from siquan.work.cases.imports import sheets
from siquan.work.cases.imports.columns import read_mapping, synonyms
from siquan.work.cases.imports.tickets import Line, TicketFile
from siquan.work.cases.services import reporting

AT = datetime(2026, 9, 23, 2, 0, tzinfo=UTC)
PLAIN = "工单编号,主要内容,来电时间\n1,井盖坏了,2026-09-20 10:00\n"


def tickets(content: str | bytes, **given: Any) -> TicketFile:
    data = content.encode() if isinstance(content, str) else content
    return TicketFile(io.BytesIO(data), at=AT, **given)


def lines(content: str | bytes, **given: Any) -> list[Line]:
    return list(tickets(content, **given).lines())


def xlsx(rows: list[list[Any]], **cells: str) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(
                    number, column, cell, book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
                )
            else:
                sheet.write(number, column, cell)
    for where, formula in cells.items():
        sheet.write_formula(where, formula, None, "算出来的内容")
    book.close()
    return out.getvalue()


def with_member(archive: bytes, name: str, change: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for each in old.namelist():
            new.writestr(each, change(old.read(each)) if each == name else old.read(each))
    return out.getvalue()


KINDS = [
    "utf-8", "bom", "gb18030", "utf-16", "gz", "gz-gb18030", "tabs", "semicolons", "crlf", "preamble", "xlsx",
    "xlsx-gz", "xlsx-dates",
]  # fmt: skip


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("gb18030"),
        PLAIN.encode("utf-16"),
        gzip.compress(PLAIN.encode()),
        gzip.compress(PLAIN.encode("gb18030")),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", ";").encode("gb18030"),
        PLAIN.replace("\n", "\r\n").encode(),
        f"12345热线工单日报,,\n,,\n{PLAIN}".encode(),
        xlsx([["工单编号", "主要内容", "来电时间"], [1, "井盖坏了", "2026-09-20 10:00"]]),
        gzip.compress(xlsx([["工单编号", "主要内容", "来电时间"], [1, "井盖坏了", "2026-09-20 10:00"]])),
        xlsx([["工单编号", "主要内容", "来电时间"], [1.0, "井盖坏了", datetime(2026, 9, 20, 10)]]),
    ],
    ids=KINDS,
)
def test_the_same_ticket_is_read_from_every_kind_of_file(data: bytes) -> None:
    (line,) = lines(data)

    assert line.ticket is not None
    assert (line.ticket.ref, line.ticket.text) == ("1", "井盖坏了")
    assert line.ticket.reported_at == datetime(2026, 9, 20, 2, 0, tzinfo=UTC)


def test_every_known_title_is_recognised_whatever_its_width_and_marks() -> None:
    for title, field in synonyms().items():
        assert tickets(f"编号,标题,＊{title.upper()} （必填）\n1,a,b").columns.positions.keys() >= {
            "ref",
            "title",
        }
        found = tickets("x,编号,标题\n1,a,b".replace("x", title)) if field not in {"ref", "title"} else None
        assert found is None or found.columns.positions[field] == (0,)


def test_a_row_says_where_it_stands_although_cells_hold_line_breaks_and_rows_are_empty() -> None:
    found = lines('编号,内容\n1,"第一行\n第二行"\n,\n2,好\n')

    assert [(line.row, line.ref) for line in found] == [(2, "1"), (4, "2")]
    assert found[0].ticket and found[0].ticket.text == "第一行\n第二行"


def test_levels_of_a_category_and_parts_of_an_address_are_put_together() -> None:
    (line,) = lines(
        "编号,内容,一级分类,二级分类,三级分类,街道,社区,地址\n1,x,事件,市容环境,暴露垃圾,东华门街道,多福巷社区,12号"
    )

    assert line.ticket
    assert line.ticket.category == "事件->市容环境->暴露垃圾"
    assert line.ticket.address == "东华门街道 多福巷社区 12号"


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("2019/2/1 10:53:47", "2019-02-01T02:53:47"),
        ("2019-02-28 11:25:05", "2019-02-28T03:25:05"),
        ("2019年2月28日 11时25分", "2019-02-28T03:25:00"),
        ("2019.2.28", "2019-02-27T16:00:00"),
        ("20190228112505", "2019-02-28T03:25:05"),
        ("20190228", "2019-02-27T16:00:00"),
        ("2019-02-28T11:25:05Z", "2019-02-28T11:25:05"),
        ("2019-02-28T11:25:05+08:00", "2019-02-28T03:25:05"),
        ("43524.475752", "2019-02-28T03:25:05"),
        ("43524", "2019-02-27T16:00:00"),
    ],
)
def test_times_are_read_as_systems_write_them(written: str, hour: str) -> None:
    (line,) = lines(f"编号,内容,时间\n1,x,{written}")

    assert line.ticket and line.ticket.reported_at
    assert line.ticket.reported_at.isoformat()[:19] == hour


@pytest.mark.parametrize(
    ("head", "row", "column", "says"),
    [
        ("编号,内容", ",井盖", "编号", "没有编号"),
        ("编号,内容", "7,", "内容", "没有内容"),
        ("编号,内容,时间", "7,x,前天", "时间", "读不懂"),
        ("编号,内容,时间", "7,x,2026-13-01", "时间", "读不懂"),
        ("编号,内容,时间", "7,x,2031-01-01 10:00", "时间", "将来"),
        ("编号,内容,时间", "7,x,1901-01-01", "时间", "太早"),
        ("编号,内容", f"7,{'长' * 20_001}", "内容", "太长"),
        ("编号,内容", f"{'7' * 101},x", "编号", "太长"),
        ("编号,内容", "7,a\x00b", "内容", "NUL"),
        ("编号,内容", "2.02609E+19,x", "编号", "近似值"),
        ("编号,内容,经度,纬度", "7,x,116.4,", "纬度", "都写"),
        ("编号,内容,经度,纬度", "7,x,39.9,116.4", "纬度", "写反"),
        ("编号,内容,经度,纬度", "7,x,东经,39.9", "经度", "不是经纬度"),
        ("编号,内容,经度,纬度", "7,x,nan,39.9", "经度", "不是经纬度"),
        ("编号,内容,经度,纬度,坐标系", "7,x,116.4,39.9,火星2000", "坐标系", "坐标系"),
    ],
)
def test_a_wrong_row_says_in_which_column_and_what_to_do(head: str, row: str, column: str, says: str) -> None:
    (line,) = lines(f"{head}\n{row}\n")

    assert line.ticket is None
    (fault,) = line.faults
    assert (fault.row, fault.column) == (2, column)
    assert says in fault.message


def test_all_faults_of_a_row_are_told_at_once() -> None:
    (line,) = lines("编号,内容,时间\n,,前天\n")

    assert [fault.column for fault in line.faults] == ["编号", "内容", "时间"]


def test_of_two_rows_with_one_number_the_second_is_refused() -> None:
    first, second = lines("编号,内容\n7,x\n7,y\n")

    assert first.ticket
    assert second.ticket is None
    assert "第2行" in second.faults[0].message


def test_a_number_rounded_by_a_spreadsheet_is_not_believed() -> None:
    rounded, whole = lines(xlsx([["编号", "内容"], [2.02609230000001e19, "x"], [188006, "y"]]))

    assert "近似值" in rounded.faults[0].message
    assert whole.ref == "188006"


def test_a_formula_counts_by_what_it_shows() -> None:
    (line,) = lines(xlsx([["编号", "内容"], [1, None]], B2='=HYPERLINK("http://x","y")'))

    assert line.ticket and line.ticket.text == "算出来的内容"


def test_what_the_coordinates_refer_to_is_named_by_column_by_title_or_by_the_caller() -> None:
    row = "1,x,116.4,39.9"
    by_column = lines(f"编号,内容,经度,纬度,坐标系\n{row},高德")[0].ticket
    by_title = lines(f"编号,内容,经度(BD09),纬度(BD09)\n{row}")[0].ticket
    by_caller = tickets(f"编号,内容,经度,纬度\n{row}", datum=Datum.GCJ02)

    assert by_column and by_column.datum is Datum.GCJ02
    assert by_title and by_title.datum is Datum.BD09
    assert next(by_caller.lines()).ticket.datum is Datum.GCJ02  # type: ignore[union-attr]
    assert tickets(f"编号,内容,经度,纬度\n{row}").has_undeclared_points
    assert not by_caller.has_undeclared_points


def test_a_mapping_file_says_what_unknown_titles_mean_and_what_is_left_out() -> None:
    mapping = read_mapping(io.BytesIO("column,field\n流水,ref\n说了什么,内容\n内容,-\n".encode("gb18030")))
    (line,) = lines("流水,说了什么,内容\n1,井盖,作废\n", mapping=mapping)

    assert line.ticket and (line.ticket.ref, line.ticket.text) == ("1", "井盖")
    with pytest.raises(BadInput, match="第2行"):
        read_mapping(io.BytesIO("流水,ref\n说了什么,胡说\n".encode()))
    with pytest.raises(BadInput, match=r"没有内容|是空的"):
        read_mapping(io.BytesIO(b"\n\n"))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "空"),
        (b"\n\n\n", "空"),
        ("姓名,电话\n张三,1\n".encode(), "没有找到来件编号"),
        ("编号,电话\n3,1\n".encode(), "没有找到内容"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "不是能读的表格"),
        (b"%PDF-1.7 abc", "不是能读的表格"),
        (b"\xd0\xcf\x11\xe0" + bytes(50), "旧式Excel"),
        (b"PK\x03\x04" + bytes(50), "压缩文件不完整"),
        (gzip.compress(PLAIN.encode())[:-9], "压缩文件不完整"),
        (PLAIN.encode() + b"2,\xff\xfe\xff,x\n", "编码"),
        ('编号,内容\n1,"没有合上\n'.encode() + "字,\n".encode() * 800_000, "引号"),
        (("编号,内容\n1,".encode() + b"x" * 5_000_000), "200万字"),
    ],
    ids=[
        "empty",
        "blank",
        "no id",
        "no text",
        "png",
        "pdf",
        "xls",
        "zip",
        "cut gz",
        "encoding",
        "quote",
        "line",
    ],
)
def test_a_file_that_cannot_be_used_says_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        lines(data)


def test_a_gzip_bomb_is_refused_before_it_fills_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 1_000_000)
    bomb = gzip.compress(PLAIN.encode() + b"3,x,\n" * 1_000_000)

    assert len(bomb) < 20_000
    with pytest.raises(BadInput, match="太大"):
        lines(bomb)


def test_a_spreadsheet_with_one_cell_at_the_end_of_the_world_is_refused() -> None:
    small = xlsx([["编号", "内容"], [1, "x"]])
    far = with_member(
        small, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b'r="B2"', b'r="XFD1048576"')
    )

    with pytest.raises(BadInput, match="太大"):
        lines(far)


def test_a_spreadsheet_that_unpacks_to_more_than_it_should_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sheets, "MOST_XLSX", 200_000)
    bomb = with_member(
        xlsx([["编号", "内容"], [1, "x"]]), "xl/styles.xml", lambda xml: xml + b" " * 1_000_000
    )

    with pytest.raises(BadInput, match="太大"):
        lines(bomb)


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_whatever_break_the_reader(data: bytes) -> None:
    for content in (
        data,
        "编号,内容,时间,经度,纬度\n".encode() + data,
        gzip.compress(data),
        b"PK\x03\x04" + data,
    ):
        try:
            found = lines(content)
        except BadInput as refused:
            assert str(refused)
        else:
            assert all(bool(line.ticket) != bool(line.faults) for line in found)


@given(st.lists(st.text(max_size=30), min_size=5, max_size=5))
@settings(max_examples=100, deadline=None)
def test_no_words_whatever_break_a_row(cells: list[str]) -> None:
    out = io.StringIO()
    import csv

    csv.writer(out).writerows([["编号", "内容", "时间", "经度", "纬度"], cells])
    try:
        found = lines(out.getvalue().encode("utf-8", "replace"))
    except BadInput:
        return
    for line in found:
        if line.ticket:
            assert reporting.clean_text(line.ticket.text) == line.ticket.text
