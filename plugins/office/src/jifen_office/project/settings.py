"""Decides how Django is set up: everything that a person may choose comes from `jifen_office.project.folder`."""

from __future__ import annotations

import os
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import dj_database_url
from csp.constants import NONE, SELF

from jifen_office.project.folder import AS_OFFICE, ROLE, Keys, OfficeFolder

FOLDER: Final = OfficeFolder.here()
KEYS: Final = FOLDER.keys() or Keys.make()  # without a folder nothing can be stored, so keys of the moment will do

SECRET_KEY = KEYS.session
DEBUG = False
ALLOWED_HOSTS = os.environ.get("JIFEN_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [origin for origin in os.environ.get("JIFEN_ORIGINS", "").split(",") if origin]
SECURE: Final = bool(CSRF_TRUSTED_ORIGINS)
"""Whether people reach the office by https (its address is named in JIFEN_ORIGINS)."""

SAFE_LOG: Final = (3, 51, 3)
"""From this SQLite on two connections that check-point at once cannot damage the write-ahead log."""
JOURNAL: Final = "WAL" if sqlite3.sqlite_version_info >= SAFE_LOG else "DELETE"


def _database() -> dict[str, Any]:
    found: dict[str, Any] = dict(dj_database_url.parse(FOLDER.database, conn_max_age=60, conn_health_checks=True))
    if found["ENGINE"].endswith("sqlite3"):
        found["CONN_MAX_AGE"] = 0
        found["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": f"PRAGMA journal_mode={JOURNAL}; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
        return found
    # The server keeps the plan of what it is asked again and again: reading a question takes longer than answering it.
    found.setdefault("OPTIONS", {}).update(server_side_binding=True, prepare_threshold=3)
    if os.environ.get(AS_OFFICE):
        found["OPTIONS"]["assume_role"] = ROLE
    return found


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "jifen_office.register",
    "jifen_office.access",
    "jifen_office.ledger",
    "jifen_office.process",
    "jifen_office.shop",
    "jifen_office.pages",
    "django.contrib.admin.apps.SimpleAdminConfig",  # the site for operators is `access.admin`
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "jifen_office.access.middleware.PlainTextMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "jifen_office.access.sessions.SessionEndMiddleware",
    "jifen_office.access.middleware.AccessMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "jifen_office.project.urls"
WSGI_APPLICATION = "jifen_office.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jifen_office.pages.context.page",
            ],
        },
    },
]

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "jifen_office.access.accounts.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "public"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "jifen_office.access.forms.PinOrPassword"},
    *(
        {"NAME": "jifen_office.access.forms.ForPasswords", "OPTIONS": {"validator": validator, **options}}
        for validator, options in (
            ("MinimumLengthValidator", {"min_length": 10}),
            ("CommonPasswordValidator", {}),
            ("NumericPasswordValidator", {}),
            ("UserAttributeSimilarityValidator", {"user_attributes": ("username", "name")}),
        )
    ),
]
AXES_HANDLER = "jifen_office.access.throttling.Throttle"
AXES_USERNAME_CALLABLE = "jifen_office.access.throttling.who"
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username", "ip_address"]
AXES_LOCKOUT_SHARES = (1, 4, 10)
"""How many times the limit each of these may fail: see `jifen_office.access.throttling`."""
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "jifen_office.access.errors.too_many"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]
AXES_DISABLE_ACCESS_LOG = True  # nothing here counts log-ins
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
CSRF_FAILURE_VIEW = "jifen_office.access.errors.stale_form"

SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent.parent / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "static/"
STATIC_ROOT = FOLDER.path / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 12 * 1024 * 1024
TEST_RUNNER = "django.test.runner.DiscoverRunner"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"personal": {"()": "jifen_office.access.personal.PersonalFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "filters": ["personal"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "jifen_office": {"level": "INFO"},
        "axes": {"level": "ERROR"},
        "waitress.queue": {"level": "ERROR"},  # where many ask at once it would write a line for each of them
        # Django's own handlers do not know the filter: what it says goes to the root alone.
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
        "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
