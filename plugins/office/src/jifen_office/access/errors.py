"""Decides what people see where something did not go: what is wrong, what to do now, and where it was written down.

No page of these asks the database or shows what was typed, and none has a traceback. A disk that is full, a database
that is busy or away are no faults of the program: they are told in words of their own, and what was not done.
"""

from __future__ import annotations

import platform
import secrets
import sys
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from jifen_office.access.personal import places, without_person
from jifen_office.ledger.writing import refusal
from jifen_office.pages.speech import speaking

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpRequest
    from jifen.problems import Refused

_MOST_REPORTS: Final = 1000
"""Reports that are kept: whoever calls a broken page again and again does not fill the disk."""


@frozen
class Told:
    """A page: its heading, what happened, what to do."""

    heading: str
    what: str
    todo: str


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it so
    """400."""
    told = Told(
        _("这个请求看不懂"),
        _("浏览器发来的内容不完整或格式不对，没有做任何改动。"),
        _("请返回上一页，重新填写后再提交。"),
    )
    return _page(400, told)


def stale_form(_request: HttpRequest, **_given: Any) -> HttpResponse:
    """403: the form is too old or came from elsewhere (Django's check against forged forms)."""
    told = Told(
        _("这张表单已经失效"),
        _("页面打开太久，或浏览器没有接受Cookie，没有做任何改动。"),
        _("请返回上一页刷新，再提交一次。"),
    )
    return _page(403, told)


def forbidden(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it so
    """403."""
    told = Told(
        _("您没有办理这一项的权限"),
        _("这一项由其他岗位的人办理，没有做任何改动。"),
        _("如果工作需要，请联系镇经办调整岗位。"),
    )
    return _page(403, told)


def not_found(_request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001 - Django names it so
    """404: there is no such page, or none that this person may know of."""
    told = Told(
        _("没有找到这个页面"), _("地址不对，或者不属于您能查看的范围。"), _("请从首页重新进入，或核对二维码和单号。")
    )
    return _page(404, told)


def too_many(_request: HttpRequest, *_given: Any) -> HttpResponse:
    """429: too many wrong passwords or PINs."""
    what = _("为保护您的账户，登录暂停 %(minutes)d 分钟，之后自动恢复，不用找人解锁。") % {
        "minutes": settings.AXES_COOLOFF_TIME.total_seconds() // 60
    }
    told = Told(
        _("密码或PIN码输错次数太多"), what, _("请过一会儿再试；忘记了请带身份证件到村委会窗口重新办卡或重设密码。")
    )
    return _page(429, told)


def failed(request: HttpRequest) -> HttpResponse:
    """503 where the database says why it cannot, such as a full disk.

    Else 500, a fault of the program: a report is kept in the office's folder and the page says under which number.
    """
    if (known := _known(sys.exc_info()[1])) is not None:
        with speaking():
            what = " ".join(map(str, known.problems))
        return _page(503, Told(_("现在办不了"), what, _("请过一会儿再试；如果还不行，请告诉镇经办。")))
    number = _report(request)
    what = _("程序出了问题，这一步没有完成，已登记的内容都还在。")
    if number:
        what += _("问题报告已保存，编号 %(number)s。") % {"number": number}
    told = Told(_("系统出错了"), what, _("请稍后再试；如果还不行，请把编号告诉镇经办。"))
    return _page(500, told)


def _known(fault: BaseException | None) -> Refused | None:
    """What is told of a fault that no program can mend; None for any other."""
    return refusal(fault) if isinstance(fault, InterfaceError | OperationalError) else None


def _page(status: int, told: Told) -> HttpResponse:
    return HttpResponse(render_to_string("access/error.html", {"told": told, "status": status}), status=status)


def _report(request: HttpRequest) -> str:
    """Writes the report for whoever mends the program; empty where even that fails, or there are too many.

    It has no data of a person.
    """
    fault = sys.exc_info()[1]
    number = f"{timezone.localtime():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    match = request.resolver_match
    lines = [
        f"{request.method} {match.route if match else '?'}",
        *(f"{name} {metadata.version(name)}" for name in ("django", "jifen-office", "jifen")),
        f"Python {platform.python_version()}",
        places(fault) if fault is not None else "",
    ]
    folder: Path = settings.FOLDER.path / "reports"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if sum(1 for _ in folder.iterdir()) >= _MOST_REPORTS:
            return ""
        (folder / f"{number}.txt").write_text(without_person("\n".join(lines)) + "\n", "utf-8")
    except OSError:
        return ""
    return number
