"""Decides the pages of villages' own rules: handing them in, and the town's decision (R15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from jifen.problems import Problem, Refused
from jifen.words import title

from jifen_office.access.roles import Place, may
from jifen_office.access.routes import route, village_of
from jifen_office.pages import layer_files
from jifen_office.pages.forms import KeyedForm
from jifen_office.pages.rules_shown import rule_of
from jifen_office.pages.settled import book_now
from jifen_office.pages.speech import speaking
from jifen_office.pages.town import town_of
from jifen_office.pages.whose import user_of

if TYPE_CHECKING:
    from typing import Any

    from django.http import HttpRequest, HttpResponse
    from jifen.model import RuleBook, VillageLayer


class LayerForm(KeyedForm):
    """A file of the village's rules."""

    file = forms.FileField(
        label=_("村级细则文件（.toml）"), help_text=_("写明村民代表会议的决议，只写与镇里不同的规则。")
    )


class LayerDecisionForm(KeyedForm):
    """The town's decision on the rules that it saw: the digest of their text."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)


@route("village.keep")
def layer(request: HttpRequest, **_: str) -> HttpResponse:
    """The village's own rules: those in force, and handing in others for the town to approve."""
    here = village_of(request)
    form = LayerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.do(lambda typed, _: layer_files.hand_in(here, *_text(typed["file"]))):
        messages.success(request, gettext("已报镇里，批准后施行。"))
        return redirect("layer", here.code)
    book = book_now(here)
    mine = [each for each in (book.layers if book else ()) if each.village == here.code]
    facts = {
        "village": here,
        "form": form,
        "book": book,
        "layers": [(here.name, each, items_of(book, each)) for each in mine] if book else [],
        "waiting": [(each, items_of(each.book, each.layer)) for each in _waiting(here.town) if each.village == here],
    }
    return render(request, "office/layer.html", facts, status=422 if form.errors else 200)


@route("town.look", village=None)
def layers(request: HttpRequest, **_: str) -> HttpResponse:
    """The villages' own rules on top of the town's: what waits, and what is in force."""
    here = town_of(request)
    villages = list(here.villages.select_related("town").order_by("code"))
    book = next((book for each in villages if (book := book_now(each)) is not None), None)
    names = {each.code: each.name for each in villages}
    in_force = (
        [(names.get(each.village, each.village), each, items_of(book, each)) for each in book.layers] if book else []
    )
    facts = {
        "town": here,
        "book": book,
        "layers": in_force,
        "waiting": [(each, items_of(each.book, each.layer)) for each in _waiting(here)],
        "approves": may(user_of(request), "layer.approve", Place(here.pk)),
    }
    return render(request, "office/layers.html", facts)


@route("layer.approve", village=None)
def decide_layer(request: HttpRequest, town: str, code: str) -> HttpResponse:
    """Approves what a village handed in, or sends it back."""
    village = town_of(request).villages.select_related("town").filter(code=code).first()
    if village is None or request.method != "POST":
        raise Http404
    form = LayerDecisionForm(request.POST)
    approves = request.POST.get("act") == "approve"
    decide = layer_files.approve if approves else layer_files.send_back
    if form.do(lambda typed, _: decide(village, typed["seen"])):
        messages.success(request, gettext("已批准施行。") if approves else gettext("已退回，请村里修改后再报。"))
    else:
        for words in form.non_field_errors():
            messages.error(request, str(words))
    return redirect("layers", town)


def items_of(book: RuleBook, layer: VillageLayer) -> list[tuple[str, str]]:
    """What a layer touches: each rule's name with its first sentence; without one it is switched off."""
    found = []
    for code in layer.items:
        rule = rule_of(book, layer.village, code)
        if rule is not None:
            found.append((rule.name, rule.sentences[0] if rule.sentences else rule.glance))
        else:
            with speaking():
                found += [(title(item.name), "") for item in book.items if item.code == code][:1] or [(code, "")]
    return found


def _waiting(town: Any) -> list[layer_files.Waiting]:
    try:
        return layer_files.waiting(town)
    except Refused:
        return []


def _text(upload: Any) -> tuple[str, str]:
    """The text of an uploaded file and its name. Raises `Refused` for what is no text."""
    try:
        return upload.read().decode("utf-8-sig"), upload.name
    except UnicodeDecodeError as error:
        raise Refused([Problem("pages.no-text", facts={"file": upload.name})]) from error
