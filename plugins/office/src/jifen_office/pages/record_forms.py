"""Decides what is asked when a deed is recorded: first whose and which rule, then only what that rule needs.

So the second form is short, and no script has to hide and show fields.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from jifen.model import Measure, Of
from jifen.words import title

from jifen_office.pages.forms import Day
from jifen_office.pages.rules_shown import shown
from jifen_office.pages.shown_forms import ShownForm
from jifen_office.pages.speech import speaking
from jifen_office.possible import what_if_now
from jifen_office.process.models import State
from jifen_office.process.recording import Draft

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet
    from jifen.model import Item, RuleBook

    from jifen_office.possible import WhatIf
    from jifen_office.register.models import Household, Village

_UNIT: Final = 1000
_MOST: Final = 10**9 * _UNIT
"""The largest mark, as for quantities."""


def rule_choices(book: RuleBook, village: str, *, villages: bool) -> list[tuple[str, Any]]:
    """The rules of a village by category, as a select shows them; those of the village itself only where wanted."""
    found = shown(book, village)
    items = book.items_in(village)
    chapters = (*found.households, *(found.village if villages else ()))
    groups = []
    for chapter in chapters:
        rules = [
            (rule.code, f"{rule.name}（{rule.glance}）")
            for rule in (*chapter.gains, *chapter.losses)
            if items[rule.code].base is None or items[rule.code].points is not None
        ]
        if rules:
            groups.append((chapter.title, rules))
    return [("", _("请选择")), *groups]


class ChooseForm(forms.Form):
    """Whose deed it is and under which rule."""

    household = forms.CharField(label=_("家庭户"), max_length=60, required=False)
    item = forms.ChoiceField(label=_("事项"))

    def __init__(
        self, *args: Any, homes: QuerySet[Household], book: RuleBook, village: Village, **options: Any
    ) -> None:
        """`homes` are those that the one who records may record for."""
        super().__init__(*args, **options)
        self.homes, self.book, self.village = homes, book, village
        self.fields["household"].widget.attrs.update({"list": "homes", "autocomplete": "off"})
        self.fields["household"].help_text = _("输入户号或户主姓名；全村自己的事项不用填。")
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared above
        field.choices = rule_choices(book, village.code, villages=True)

    def clean(self) -> dict[str, Any]:
        """The household that is meant, by number or name."""
        data = super().clean() or {}
        typed = str(data.get("household", "")).split("　")[0].split(" ")[0].strip()
        item = self.book.items_in(self.village.code).get(data.get("item", ""))
        data["home"] = None
        if item is not None and item.subject.value == "village":
            return data
        if not typed:
            self.add_error("household", _("请写明是哪一户。"))
            return data
        found = list(self.homes.filter(code__iexact=typed)[:1]) or list(self.homes.filter(name=typed)[:2])
        if len(found) == 1:
            data["home"] = found[0]
        else:
            words = _("有几户同名，请写户号。") if found else _("没有找到这一户，请写户号或户主全名。")
            self.add_error("household", words)
        return data


class RecordForm(ShownForm):
    """What one rule needs to know of one deed."""

    date = forms.DateField(label=_("哪一天"), widget=Day)
    note = forms.CharField(label=_("备注"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(
        self, *args: Any, item: Item, home: Household | None, village: Village, today: dt.date, **options: Any
    ) -> None:
        """`home` is None for a deed of the village itself."""
        super().__init__(*args, **options)
        self.item, self.home, self.village = item, home, village
        self.fields["date"].initial = today
        self.fields["date"].widget.attrs["max"] = today.isoformat()
        self._measured()
        if home is not None:
            self._of_home(home)
        if item.named is not None:
            self.fields["note"].required = True
            self.fields["note"].label = _("理由")
        order = ["date", "grade", "quantity", "marks", "member", "refers", "note", "photo", "seen_kind", "seen"]
        self.order_fields(order)

    def _measured(self) -> None:
        item = self.item
        if item.measure is Measure.GRADE:
            choices = [(grade, grade) for grade in item.grades]
            self.fields["grade"] = forms.ChoiceField(label=_("等次"), choices=choices, widget=forms.RadioSelect)
        elif item.measure in (Measure.QUANTITY, Measure.READING, Measure.NAMED):
            label = _("分值") if item.measure is Measure.NAMED else _("数量")
            self.fields["quantity"] = forms.DecimalField(label=label, max_digits=12, decimal_places=3)
            if item.unit:
                self.fields["quantity"].help_text = _("单位：%(unit)s") % {"unit": item.unit}
            if item.named is not None:
                bounds = {"least": item.named.least, "most": item.named.most}
                self.fields["quantity"].help_text = _("在 %(least)s 到 %(most)s 分之间") % bounds
        elif item.measure is Measure.MARKS:
            least = item.marks.at_least if item.marks else 1
            self.fields["marks"] = forms.CharField(
                label=_("各评委打的分"),
                help_text=_("用空格隔开，至少 %(least)d 个，如：8 9 8.5") % {"least": least},
            )

    def _of_home(self, home: Household) -> None:
        members = list(home.members.order_by("pk"))
        if members:
            choices = [("", _("全户")), *((str(each.pk), each.name) for each in members)]
            self.fields["member"] = forms.ChoiceField(
                label=_("哪位成员"), choices=choices, required=self.item.of is Of.MEMBER
            )
        if self.item.put_right is not None:
            faults = home.records.filter(item__in=self.item.put_right.items)
            faults = faults.exclude(state__in=(State.REFUSED, State.CANCELLED)).order_by("-date")
            choices = [("", _("请选择")), *((each.number, f"{each.date} {each.number}") for each in faults)]
            self.fields["refers"] = forms.ChoiceField(label=_("整改的是哪条记录"), choices=choices)

    def clean_marks(self) -> tuple[int, ...]:
        """Marks in thousandths."""
        try:
            marks = tuple(_thousandths(Decimal(word)) for word in str(self.cleaned_data["marks"]).split())
        except (ArithmeticError, ValueError) as error:
            raise forms.ValidationError(_("请只写数字，用空格隔开。")) from error
        if any(abs(mark) > _MOST for mark in marks):
            raise forms.ValidationError(_("有的分数太大，像是填错了；应不超过 10 亿。"))
        return marks

    def draft(self) -> Draft:
        """What was typed, as the record service takes it."""
        typed = self.cleaned_data
        member = typed.get("member")
        quantity = typed.get("quantity")
        return Draft(
            item=self.item.code,
            date=typed["date"],
            household=self.home,
            village=self.village,
            member=self.home.members.get(pk=member) if member and self.home is not None else None,
            quantity=None if quantity is None else _thousandths(quantity),
            grade=typed.get("grade", ""),
            marks=typed.get("marks", ()),
            refers=typed.get("refers", ""),
            note=typed["note"],
            evidence=self.shown(self.item.evidence),
        )

    def what_if(self, day: dt.date) -> WhatIf:
        """What it would give the household on a day, before anything is recorded. Raises `Refused`."""
        if self.home is None:
            raise ValueError("a deed of the village gives no household anything")
        draft = self.draft()
        return what_if_now(
            self.home,
            draft.item,
            day,
            quantity=draft.quantity,
            grade=draft.grade or None,
            marks=list(draft.marks) or None,
            member=draft.member.name if draft.member else None,
            note=draft.note or None,
        )


def _thousandths(value: Decimal) -> int:
    return int((value * _UNIT).quantize(Decimal(1), ROUND_HALF_UP))


def item_title(item: Item) -> str:
    """A rule's name in the reader's language."""
    with speaking():
        return title(item.name)
