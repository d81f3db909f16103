"""Decides how people type who they are: a card's number however it is spaced, a PIN of six digits."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from jifen_office.access.cards import DIGITS, PIN_DIGITS
from jifen_office.access.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest


def cleaned_name(typed: str) -> str:
    """A user's name as it is kept; spaces and full-width digits in a card's number make no difference."""
    plain = unicodedata.normalize("NFKC", typed).strip()
    digits = "".join(plain.replace("-", "").split())
    return digits if digits.isdecimal() and len(digits) == DIGITS else plain


class SignInForm(AuthenticationForm):
    """Name or card number, and password or PIN."""

    error_messages = {  # noqa: RUF012 - Django's form takes a plain dict
        "invalid_login": _("用户名（卡号）或密码（PIN码）不对，请核对后再试。忘记的话，请到村委会窗口办理。"),
        "inactive": _("这个账号已停用，请联系村委会窗口。"),
    }

    def __init__(self, request: HttpRequest | None = None, *args: Any, **options: Any) -> None:
        """As Django's form, in words that a villager knows."""
        super().__init__(request, *args, **options)
        self.fields["username"].label = _("用户名或卡号")
        self.fields["password"].label = _("密码或PIN码")

    def clean_username(self) -> str:
        """The name as it is kept."""
        return cleaned_name(str(self.cleaned_data["username"]))


class CardForm(SignInForm):
    """The card's number comes with its QR code: only the PIN is typed."""

    def __init__(self, request: HttpRequest | None = None, *args: Any, **options: Any) -> None:
        """As above, the number hidden and the PIN typed on a keypad of digits."""
        super().__init__(request, *args, **options)
        self.fields["username"].widget = forms.HiddenInput()
        self.fields["password"].label = _("PIN码（6位数字）")
        self.fields["password"].widget.attrs.update({"inputmode": "numeric", "autofocus": True})


class ChangeForm(PasswordChangeForm):
    """A new password; for a household's card a new PIN."""

    def __init__(self, user: User, *args: Any, **options: Any) -> None:
        """A PIN is typed on a keypad of digits."""
        super().__init__(user, *args, **options)
        if user.household_id is not None:
            for name, label in {
                "old_password": _("现在的PIN码"),
                "new_password1": _("新的PIN码（6位数字）"),
                "new_password2": _("再输一次新的PIN码"),
            }.items():
                self.fields[name].label = label
                self.fields[name].help_text = ""
                self.fields[name].widget.attrs["inputmode"] = "numeric"


class PinOrPassword:
    """Validator of new passwords: a card's is a PIN, anybody else's as long and unlike others' as Django asks."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises `ValidationError`."""
        if user is None or user.household_id is None:
            return
        if not (password.isascii() and password.isdecimal() and len(password) == PIN_DIGITS):
            raise ValidationError(_("PIN码是6位数字。"), code="pin_digits")
        steps = {int(after) - int(before) for before, after in pairwise(password)}
        if len(steps) == 1 and abs(next(iter(steps))) <= 1:
            raise ValidationError(_("这个PIN码太容易猜到，请不要用相同或连续的数字。"), code="pin_guessable")

    def get_help_text(self) -> str:
        """Nothing more than the fields say."""
        return ""


class ForPasswords:
    """Django's own validator of the class named, for everyone but a household's card."""

    def __init__(self, validator: str, **options: Any) -> None:
        """`validator` is a class of `django.contrib.auth.password_validation`."""
        from django.contrib.auth import password_validation

        self.inner: Any = getattr(password_validation, validator)(**options)

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises `ValidationError`."""
        if user is None or user.household_id is None:
            self.inner.validate(password, user)

    def get_help_text(self) -> str:
        """Django's words."""
        return str(self.inner.get_help_text())
