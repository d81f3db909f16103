"""Decides which parts of the office answer under which address; who may see a page is declared beside the page."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from jifen_office import hooks
from jifen_office.access.admin import site

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jifen_office.access.urls")),
    path("operate/", site.urls),
    *hooks.addresses_of(hooks.installed()),
    path("", include("jifen_office.pages.urls")),
]

handler400 = "jifen_office.access.errors.bad_request"
handler403 = "jifen_office.access.errors.forbidden"
handler404 = "jifen_office.access.errors.not_found"
handler500 = "jifen_office.access.errors.failed"
