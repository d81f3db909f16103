"""Decides how somebody shows a deed in a form: a picture, or without one a witness or minutes (R22)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from jifen.problems import Refused

from jifen_office.pages.forms import KeyedForm
from jifen_office.pages.speech import speaking
from jifen_office.process.evidence import PICTURES, STANDING_IN, Shown, keep_photo

if TYPE_CHECKING:
    from collections.abc import Iterable

_FIELDS: Final = {
    "subject": "household", "deed": "note", "approved_by": "note", "status": "note", "evidence": "photo",
}  # fmt: skip
"""Columns of DEEDS whose problems stand beside a field of another name."""


class ShownForm(KeyedForm):
    """What shows a deed. A photo is never the only way."""

    seen_kind = forms.ChoiceField(
        label=_("没有照片也可以"),
        choices=[("", _("不用")), ("witness", _("有人证明")), ("minutes", _("有会议记录"))],
        required=False,
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(label=_("证明人姓名，或哪次会议的记录"), max_length=200, required=False)
    photo = forms.FileField(label=_("照片或扫描件"), required=False, help_text=_("照片里的位置信息会自动去掉。"))
    photo_kept = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    field_order = ("photo", "seen_kind", "seen")

    def clean(self) -> dict[str, Any]:
        """A photo is kept at once, so that it need not be chosen again where something else is wrong."""
        data = super().clean() or {}
        upload = data.get("photo")
        if upload is not None:
            try:
                kept = keep_photo(upload)
            except Refused as refused:
                with speaking():
                    self.add_error("photo", [str(problem) for problem in refused.problems])
            else:
                data["photo_kept"] = kept
                self.data = {**self.data.dict(), "photo_kept": kept} if isinstance(self.data, QueryDict) else self.data
        if data.get("seen_kind") and not data.get("seen"):
            self.add_error("seen", _("请写明证明人姓名，或者哪次会议。"))
        return data

    def shown(self, wanted: Iterable[str]) -> tuple[Shown, ...]:
        """The evidence that was given; `wanted` is what the rule asks for, so that a picture has the rule's word."""
        typed, found = self.cleaned_data, []
        if typed["photo_kept"]:
            asked = [kind for each in wanted for kind in each.split("/") if kind in PICTURES]
            found.append(Shown(asked[0] if asked else PICTURES[0], file=typed["photo_kept"]))
        if typed["seen_kind"] in STANDING_IN:
            found.append(Shown(typed["seen_kind"], typed["seen"]))
        return tuple(found)

    def refuse(self, refused: Refused) -> None:
        """Each problem beside its field where there is one, else above the form."""
        with speaking():
            for problem in refused.problems:
                column = problem.place.column or ""
                name = _FIELDS.get(column, column)
                self.add_error(name if name in self.fields else None, str(problem))
