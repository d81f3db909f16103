"""Decides when a session ends: unused for half an hour, or a working day after signing in, or with the browser.

Nothing is counted: the moment that is kept is written at most every few minutes and goes with the session.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.utils import timezone
from django.utils.translation import gettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

IDLE: Final = 30 * 60
"""Seconds after which an unused session ends."""
_WRITTEN: Final = 5 * 60
"""A moment that is younger is not written again."""
BEGUN: Final = "begun"
USED: Final = "used"


class SessionEndMiddleware:
    """Signs out whose session is over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """`get_response` is the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, to somebody unknown where the session is over."""
        session = request.session
        if SESSION_KEY in session:
            now = int(timezone.now().timestamp())
            begun, used = int(session.setdefault(BEGUN, now)), int(session.setdefault(USED, now))
            if now - used > IDLE or now - begun > settings.SESSION_COOKIE_AGE:
                logout(request)
                messages.info(request, gettext("您已较长时间没有操作，为保护信息安全已自动退出，请重新登录。"))
            elif now - used > _WRITTEN:
                session[USED] = now
        return self.get_response(request)
