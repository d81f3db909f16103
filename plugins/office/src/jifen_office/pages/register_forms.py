"""Decides what is asked when the register is changed: a household with its members, or erasing it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from jifen_office.pages.forms import Day, KeyedForm
from jifen_office.pages.speech import speaking
from jifen_office.register.keeping import Person, Told, cleaned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.forms import BoundField
    from jifen.problems import Refused

    from jifen_office.register.models import Household, Member

_NEW: Final = ("new1", "new2")
"""Rows for members who are not there yet."""
_ROW: Final = re.compile(r"member-([0-9]{1,18})")


class FindForm(KeyedForm):
    """A number that a person knows by heart; it is sent in the body, so that no address of a page holds it."""

    seals = True
    number = forms.CharField(
        label=_("身份证号或电话"),
        max_length=30,
        help_text=_("号码要写全；只用来查找，不会留在网址里。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )


class KeepForm(KeyedForm):
    """What the register keeps of a household, and a row for each member."""

    seals = True
    name = forms.CharField(label=_("户主姓名"), max_length=60)
    group = forms.CharField(label=_("村民小组"), max_length=40)
    address = forms.CharField(label=_("地址"), max_length=120, required=False)
    telephone = forms.CharField(
        label=_("电话"), max_length=20, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    registered = forms.BooleanField(label=_("户籍在本村"), required=False)
    homestead = forms.BooleanField(label=_("住房在本村"), required=False)
    living = forms.IntegerField(label=_("常住人数"), min_value=0, max_value=99)
    consent = forms.DateField(label=_("同意参加日期"), widget=Day, required=False)

    def __init__(self, *args: Any, home: Household, **options: Any) -> None:
        """What is kept now stands in the fields, but for identity numbers."""
        names = ("name", "group", "address", "telephone", "registered", "homestead", "living", "consent")
        options.setdefault("initial", {name: getattr(home, name) for name in names})
        super().__init__(*args, **options)
        members = {str(each.pk): each for each in home.members.order_by("pk")}
        # What was sent names its rows itself, so that the same form is the same request whatever came of it before.
        sent = [found[1] for name in self.data if (found := _ROW.fullmatch(name))]
        self.people: dict[str, Member | None] = {at: members.get(at) for at in (sent if self.is_bound else members)}
        for at in (*self.people, *_NEW):
            self._row(at, self.people.get(at))

    def _row(self, at: str, member: Member | None) -> None:
        blank = {"autocomplete": "off"}
        self.fields[f"member-{at}"] = forms.CharField(
            label=_("姓名"), max_length=60, required=False, initial=member.name if member else ""
        )
        self.fields[f"identity-{at}"] = forms.CharField(
            label=_("身份证号"), max_length=24, required=False, widget=forms.TextInput(attrs=blank)
        )
        if member is not None and member.identity:
            self.fields[f"identity-{at}"].help_text = _("已登记；不改就空着。")
        if at not in _NEW:
            self.fields[f"gone-{at}"] = forms.BooleanField(label=_("移出本户"), required=False)

    def of_home(self) -> Iterator[BoundField]:
        """The fields of the household."""
        return (self[name] for name in self.base_fields)

    def rows(self) -> Iterator[tuple[Member | None, list[BoundField]]]:
        """The fields of each member, then of the new ones."""
        for at in (*self.people, *_NEW):
            names = (f"member-{at}", f"identity-{at}", f"gone-{at}")
            yield self.people.get(at), [self[name] for name in names if name in self.fields]

    def told(self) -> Told:
        """What was typed of the household."""
        typed = self.cleaned_data
        return Told(
            name=typed["name"].strip(),
            group=typed["group"].strip(),
            address=typed["address"].strip(),
            telephone=cleaned(typed["telephone"]),
            registered=typed["registered"],
            homestead=typed["homestead"],
            living=typed["living"],
            consent=typed["consent"],
        )

    def persons(self) -> list[Person]:
        """What was typed of the members; an empty new row is nobody."""
        typed, found = self.cleaned_data, []
        for at in (*self.people, *_NEW):
            name, identity = typed[f"member-{at}"].strip(), cleaned(typed[f"identity-{at}"])
            if at in self.people or name or identity:
                gone = typed.get(f"gone-{at}", False)
                found.append(Person(at, name, identity or None, gone, self.people.get(at)))
        return found

    def refuse(self, refused: Refused) -> None:
        """Each problem beside its field where there is one, else above the form."""
        with speaking():
            for problem in refused.problems:
                name = problem.place.column
                self.add_error(name if name in self.fields else None, str(problem))


class EraseForm(KeyedForm):
    """The household's number, typed once more by who has read what goes."""

    code = forms.CharField(
        label=_("再写一遍户号"), max_length=40, widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, home: Household, **options: Any) -> None:
        """The household that is to be erased."""
        super().__init__(*args, **options)
        self.home = home

    def clean_code(self) -> str:
        """The same number, whatever its case."""
        typed = str(self.cleaned_data["code"]).strip()
        if typed.upper() != self.home.code.upper():
            raise forms.ValidationError(_("与这一户的户号不同，什么都没有删。"))
        return typed
