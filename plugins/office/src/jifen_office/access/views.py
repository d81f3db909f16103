"""Decides how people sign in, sign out and change their password, on Django's own views."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView, PasswordChangeView
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext

from jifen_office.access.forms import CardForm, ChangeForm, SignInForm
from jifen_office.access.routes import route


class SignInView(LoginView):
    """For people with a name and for cards whose number is typed."""

    template_name = "access/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


class CardView(SignInView):
    """Behind a card's QR code. It looks alike for every number, so that it does not tell which cards there are."""

    template_name = "access/card.html"
    authentication_form = CardForm
    redirect_authenticated_user = False

    def get_initial(self) -> dict[str, Any]:
        """The number that the address names."""
        return {**super().get_initial(), "username": self.kwargs["card"]}


class ChangeView(PasswordChangeView):
    """A new password or PIN; other sessions of the user end."""

    template_name = "access/password.html"
    form_class = ChangeForm
    success_url = reverse_lazy("home")

    def form_valid(self, form: Any) -> HttpResponse:
        """Say that it is done."""
        messages.success(self.request, gettext("已更改，请记住新的密码（PIN码）。"))
        return super().form_valid(form)


sign_in = route("public.look", village=None, public=True)(SignInView.as_view())
card = route("public.look", village=None, public=True)(CardView.as_view())
sign_out = route("public.look", village=None, public=True)(LogoutView.as_view())
change = route("account.use", village=None)(ChangeView.as_view())
