"""Decides under which addresses people sign in and out."""

from __future__ import annotations

from django.urls import path, re_path

from jifen_office.access import views

urlpatterns = [
    path("login/", views.sign_in, name="login"),
    path("logout/", views.sign_out, name="logout"),
    path("password/", views.change, name="password"),
    re_path(r"^card/(?P<card>\d{16})/$", views.card, name="card"),
]
