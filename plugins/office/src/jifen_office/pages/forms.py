"""Decides what people type into forms, and that nothing typed is lost when something is refused."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.utils.translation import gettext_lazy as _
from jifen.problems import Problem, Refused

from jifen_office.access.personal import names_identity
from jifen_office.pages.speech import speaking

if TYPE_CHECKING:
    from collections.abc import Callable

Done = TypeVar("Done")


class Day(forms.DateInput):
    """A day, as browsers let people choose it."""

    input_type = "date"

    def __init__(self) -> None:
        """ISO days, which is what the browser's own field wants."""
        super().__init__(format="%Y-%m-%d")


class KeyedForm(forms.Form):
    """A form with an idempotency key, made when it was shown: sent again, it has one effect."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    seals = False
    """Whether what is typed is sealed before it is kept. Elsewhere an identity number is refused (R23)."""

    def clean(self) -> dict[str, Any]:
        """Nobody's identity number is written into words that others read."""
        typed = super().clean() or {}
        named = [name for name, value in typed.items() if isinstance(value, str) and names_identity(value)]
        with speaking():
            for name in [] if self.seals else named:
                self.add_error(name, str(Problem("process.identity-in-words")))
        return typed

    def do(self, act: Callable[[dict[str, Any], str], Done]) -> Done | None:
        """What `act` did with what was typed and the key; None where it was refused, and the form then says why."""
        if not self.is_valid():
            return None
        try:
            return act(self.cleaned_data, str(self.cleaned_data["key"]))
        except Refused as refused:
            self.refuse(refused)
            return None

    def refuse(self, refused: Refused) -> None:
        """Shows every problem beside the form, in the reader's language."""
        with speaking():
            for problem in refused.problems:
                self.add_error(None, str(problem))


class ActForm(KeyedForm):
    """A button that does one thing."""


class ReasonForm(KeyedForm):
    """Something that needs a reason."""

    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class NumberForm(forms.Form):
    """The number of a voucher, typed or scanned."""

    number = forms.CharField(
        label=_("兑换券号码"),
        max_length=20,
        help_text=_("扫描兑换券上的二维码，或者输入下面的号码。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "inputmode": "text"}),
    )

    def clean_number(self) -> str:
        """Without the spaces and dashes in which it is printed."""
        return "".join(str(self.cleaned_data["number"]).replace("-", " ").split()).upper()


class ObjectionForm(KeyedForm):
    """What a household objects to, in its own words; `oral` where somebody enters what it said."""

    words = forms.CharField(
        label=_("哪里不对"),
        max_length=500,
        help_text=_("用自己的话写明哪里不对、实际情况是怎样的。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, oral: bool = False, **options: Any) -> None:
        """With the words of who enters it for somebody."""
        super().__init__(*args, **options)
        self.oral = oral
        if oral:
            self.fields["words"].label = _("口述的异议内容")
            self.fields["words"].help_text = _("照家庭户说的记录，念给本人听过再提交。")


class ReserveForm(KeyedForm):
    """A good and how many pieces of it."""

    good = forms.CharField(widget=forms.HiddenInput, max_length=40)
    pieces = forms.IntegerField(label=_("件数"), min_value=1, max_value=9999, initial=1)


class DecisionForm(KeyedForm):
    """Whether an objection is granted, with reasons that the household can read."""

    granted = forms.ChoiceField(
        label=_("结论"),
        choices=[("yes", _("异议成立，撤销这条记录")), ("no", _("异议不成立，记录维持"))],
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(
        label=_("理由"),
        max_length=500,
        help_text=_("家庭户会看到这段话，请写清楚依据。"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ConclusionForm(KeyedForm):
    """Whether a proposal is decided."""

    decided = forms.ChoiceField(
        label=_("决定"), choices=[("yes", _("同意这项建议")), ("no", _("不采纳"))], widget=forms.RadioSelect
    )
    reasons = forms.CharField(label=_("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}))


class ProposalForm(KeyedForm):
    """What is proposed, and by which clause of the village charter."""

    measure = forms.CharField(label=_("建议的惩戒"), max_length=200)
    charter_clause = forms.CharField(label=_("村规民约条款"), max_length=120)
    note = forms.CharField(label=_("说明"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class KinForm(KeyedForm):
    """A household of kin, by its number."""

    household = forms.CharField(label=_("亲属的户号"), max_length=40)


class SampleForm(forms.Form):
    """A seed drawn in public, and how many."""

    seed = forms.CharField(
        label=_("抽签号"), max_length=80, help_text=_("用当众抽出的号码，谁都能用同一个号码抽出同样的结果。")
    )
    count = forms.IntegerField(label=_("抽几条"), min_value=1, max_value=200, initial=10)


class SupplyForm(KeyedForm):
    """Pieces that came in, or that were counted on the shelf."""

    good = forms.ChoiceField(label=_("物品"))
    pieces = forms.IntegerField(label=_("件数"), min_value=0, max_value=1_000_000)
    what = forms.ChoiceField(
        label=_("办什么"),
        choices=[("supply", _("进货：新到这么多件")), ("count", _("盘点：货架上实有这么多件"))],
        widget=forms.RadioSelect,
        initial="supply",
    )
    why = forms.CharField(label=_("说明"), max_length=120, required=False)

    def __init__(self, *args: Any, goods: list[tuple[str, str]], **options: Any) -> None:
        """`goods` are codes and names of what has a shelf."""
        super().__init__(*args, **options)
        field = self.fields["good"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared above
        field.choices = goods


class SpanForm(forms.Form):
    """From a day to a day."""

    since = forms.DateField(label=_("从"), widget=Day)
    until = forms.DateField(label=_("到"), widget=Day)
