"""Decides what the district's operators look after on Django's own site: accounts, appointments, towns and villages.

They see no household. The ledger and the audit are there to be read alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.views import redirect_to_login

from jifen_office.access.models import Appointment, AuditEntry, Role, User
from jifen_office.access.roles import SCOPES, Scope, may
from jifen_office.access.routes import declare_all, route
from jifen_office.ledger.models import Account, Chain, Entry, Transfer
from jifen_office.register.models import Town, Village

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.forms import ModelForm
    from django.http import HttpRequest
    from django.urls import URLPattern, URLResolver


class OperatorSite(admin.AdminSite):
    """The site; one signs in where everybody does, so that tries are counted at one place."""

    site_header = site_title = "积分办公室 · 运维"
    index_title = "账号与任职"

    def has_permission(self, request: HttpRequest) -> bool:
        """For operators alone."""
        return may(request.user, "office.operate") and super().has_permission(request)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's addresses, each declared."""
        urls = super().get_urls()
        declare_all(urls, "office.operate")
        return urls

    @route("public.look", village=None, public=True)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:  # noqa: ARG002
        """To the page where everybody signs in."""
        return redirect_to_login(request.GET.get("next", ""))


site = OperatorSite(name="operate")


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """Looked at, never changed."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Never."""
        return False


class Kept(admin.ModelAdmin):  # type: ignore[type-arg]  # at run time it takes none
    """Added and changed, never deleted: ledgers and audits name it."""

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """Never."""
        return False


class AccountForm(AdminUserCreationForm):  # type: ignore[type-arg]
    """A new account with the name of the person."""

    class Meta:  # noqa: D106 - Django's own way to say it
        model = User
        fields = ("username", "name")


class Accounts(UserAdmin):  # type: ignore[type-arg]
    """People with an account; a household's card is none of theirs."""

    add_form = AccountForm
    list_display = ("username", "name", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username", "name")
    fieldsets = (
        (None, {"fields": ("username", "password", "name")}),
        (None, {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "name", "password1", "password2")}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Without cards."""
        return super().get_queryset(request).filter(household=None)

    def has_delete_permission(self, _request: HttpRequest, _obj: Model | None = None) -> bool:
        """An account that is no longer wanted is made inactive."""
        return False


class Appointments(Kept):
    """Who holds which role where; one that ended keeps its days."""

    list_display = ("user", "role", "town", "village", "group", "since", "until")
    list_filter = ("role", "town")
    search_fields = ("user__username", "user__name")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Cards hold no role."""
        if db_field.name == "user":
            options["queryset"] = User.objects.filter(household=None)
        return super().formfield_for_foreignkey(db_field, request, **options)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """With the check that a role has the place that it needs."""
        form = super().get_form(request, obj, change=change, **options)
        return type("AppointmentForm", (form,), {"clean": _with_place(form)})


def _with_place(form: type[ModelForm[Appointment]]) -> Any:
    """A role without the place that it reaches would reach nothing, which nobody means."""

    def clean(self: ModelForm[Appointment]) -> dict[str, Any]:
        given = form.clean(self) or self.cleaned_data
        scope = SCOPES.get(given.get("role") or "", Scope.DISTRICT)
        wanted = {Scope.GROUP: ("village", "group"), Scope.VILLAGE: ("village",), Scope.TOWN: ("town",)}
        for name in wanted.get(scope, ()):
            if not given.get(name):
                self.add_error(name, f"{Role(given['role']).label}: 请填写")
        return given

    return clean


site.register((Entry, Transfer, Account, Chain, AuditEntry), ReadOnly)
site.register((Town, Village), Kept)
site.register(User, Accounts)
site.register(Appointment, Appointments)
