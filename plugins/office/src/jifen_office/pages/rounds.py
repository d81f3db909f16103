"""Decides the sheet of an inspection round: one group on one page, by keyboard alone, or as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen
from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from jifen.model import Measure
from jifen.problems import Refused

from jifen_office.access.roles import households as reach
from jifen_office.access.routes import route, village_of
from jifen_office.pages.clerk import say_recorded
from jifen_office.pages.clock import now, today
from jifen_office.pages.forms import Day, KeyedForm
from jifen_office.pages.record_forms import item_title
from jifen_office.pages.rules_shown import rule_of
from jifen_office.pages.settled import book_now
from jifen_office.pages.whose import user_of
from jifen_office.process.evidence import Shown
from jifen_office.process.rounds import Finding, Round, items, record_round, taking_part
from jifen_office.process.workbooks import sheet_of, take_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.http import HttpRequest
    from jifen.model import Item

    from jifen_office.process.models import Record
    from jifen_office.register.models import Household, Village


class WhereForm(forms.Form):
    """Which group is looked at, for what, and when."""

    group = forms.ChoiceField(label=_("村民小组"))
    item = forms.ChoiceField(label=_("检查事项"))
    date = forms.DateField(label=_("哪一天"), widget=Day)

    def __init__(self, *args: Any, groups: list[str], rules: list[Item], **options: Any) -> None:
        """`groups` within reach, and the rules that a round can be about."""
        super().__init__(*args, **options)
        choices = {
            "group": [(each, each) for each in groups],
            "item": [(each.code, item_title(each)) for each in rules],
        }
        for name, known in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared above
            field.choices = known


class SheetForm(KeyedForm):
    """What goes with the whole round: who went along, or which minutes."""

    seen_kind = forms.ChoiceField(
        label=_("凭据"), choices=[("witness", _("同去的人")), ("minutes", _("检查记录"))], initial="witness"
    )
    seen = forms.CharField(label=_("同去的人，或记录的名称"), max_length=200)

    def evidence(self) -> tuple[Shown, ...]:
        """The evidence of every row."""
        return (Shown(self.cleaned_data["seen_kind"], self.cleaned_data["seen"]),)


class WorkbookForm(SheetForm):
    """A sheet that was filled in elsewhere."""

    file = forms.FileField(label=_("填好的表格（.xlsx 或 .csv）"))


@frozen
class Row:
    """A household of the sheet with what was typed for it."""

    number: int
    home: Household
    text: str
    note: str


@route("round.record")
def round_of(request: HttpRequest, **_: str) -> HttpResponse:
    """Chooses a round; takes in a workbook."""
    here, user = village_of(request), user_of(request)
    book = book_now(here)
    if book is None:
        return render(request, "office/no_rules.html", {"village": here})
    where = WhereForm(groups=_groups(request, here), rules=items(here, today()), initial={"date": today()})
    form = WorkbookForm(request.POST or None, request.FILES or None, auto_id="workbook_%s")
    if request.method == "POST":
        made = form.do(
            lambda typed, key: take_in(
                here,
                typed["file"],
                typed["file"].name,
                evidence=form.evidence(),
                key=key,
                by=user,
                now=now(),
            )
        )
        if made is not None:
            _say(request, made)
            return redirect("desk", here.code)
    return render(
        request,
        "office/round.html",
        {"village": here, "where": where, "form": form, "book": book},
        status=422 if form.errors else 200,
    )


@route("round.record")
def round_sheet(request: HttpRequest, **_: str) -> HttpResponse:
    """The sheet of one round: a household a row, arrow keys and Tab, sent at once."""
    here, user = village_of(request), user_of(request)
    where = WhereForm(request.GET, groups=_groups(request, here), rules=items(here, today()))
    if not where.is_valid():
        return redirect("round", here.code)
    group, code, day = (where.cleaned_data[name] for name in ("group", "item", "date"))
    this = Round(here, group, code, day)
    if request.GET.get("as") == "workbook":
        return _workbook(this)
    form = SheetForm(request.POST or None)
    rows = _rows(this, request.POST)
    if request.method == "POST":
        made = form.do(
            lambda _, key: record_round(
                Round(here, group, code, day, form.evidence()),
                [Finding(row.home.code, row.text, row.note) for row in rows],
                key=key,
                by=user,
                now=now(),
            )
        )
        if made is not None:
            _say(request, made)
            return redirect("desk", here.code)
    book = book_now(here)
    rule = this.rule
    facts = {
        "village": here,
        "form": form,
        "rows": rows,
        "group": group,
        "day": day,
        "rule": rule_of(book, here.code, code) if book else None,
        "grades": list(rule.grades) if rule.measure is Measure.GRADE else [],
        "unit": rule.unit if rule.measure in (Measure.QUANTITY, Measure.READING) else None,
        "marks": rule.measure is Measure.MARKS,
        "query": request.GET.urlencode(),
    }
    return render(request, "office/round_sheet.html", facts, status=422 if form.errors else 200)


def _rows(this: Round, typed: Any) -> list[Row]:
    return [
        Row(number, home, typed.get(f"found-{home.pk}", "").strip(), typed.get(f"note-{home.pk}", "").strip())
        for number, home in enumerate(taking_part(this), 1)
    ]


def _workbook(this: Round) -> HttpResponse:
    try:
        data = sheet_of(this)
    except Refused:
        return redirect("round", this.village.code)
    answer = HttpResponse(data, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer["Content-Disposition"] = f'attachment; filename="{this.village.code}-{this.item}-{_plain(this.date)}.xlsx"'
    return answer


def _plain(day: date) -> str:
    return day.strftime("%Y%m%d")


def _groups(request: HttpRequest, here: Village) -> list[str]:
    mine = reach(user_of(request), "round.record").filter(village=here, erased=None)
    return sorted(set(mine.values_list("group", flat=True)))


def _say(request: HttpRequest, made: Sequence[Record]) -> None:
    words = ngettext("已登记 %(count)d 条，等待审核。", "已登记 %(count)d 条，等待审核。", len(made))
    say_recorded(request, made, words % {"count": len(made)})
