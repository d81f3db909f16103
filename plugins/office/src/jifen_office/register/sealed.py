"""Decides how personal data are stored: sealed with a key outside the database, and found by a keyed hash.

An identity number, a telephone or a door number is encrypted (AES-GCM, a nonce of its own for each text). What must be
searched has beside it an HMAC-SHA256 of the cleaned text with a second key, so that who reads the database alone can
neither read nor guess it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import unicodedata
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import models

_NONCE = 12


class UnsealableError(Exception):
    """A sealed text was made with other keys, or was changed."""


def seal(text: str) -> str:
    """The text, encrypted; an empty text stays empty."""
    from jifen_office.project.settings import KEYS

    if not text:
        return ""
    nonce = os.urandom(_NONCE)
    return base64.b64encode(nonce + AESGCM(bytes.fromhex(KEYS.seal)).encrypt(nonce, text.encode(), None)).decode()


def unseal(sealed: str) -> str:
    """The text that was sealed. Raises `UnsealableError`."""
    from jifen_office.project.settings import KEYS

    if not sealed:
        return ""
    try:
        kept = base64.b64decode(sealed, validate=True)
        return AESGCM(bytes.fromhex(KEYS.seal)).decrypt(kept[:_NONCE], kept[_NONCE:], None).decode()
    except (InvalidTag, ValueError) as error:
        raise UnsealableError("sealed with other keys, or changed") from error


def fingerprint(text: str) -> str:
    """The keyed hash by which a sealed text is found; full-width digits, spaces, dashes and case make no difference."""
    from jifen_office.project.settings import KEYS

    cleaned = "".join(each for each in unicodedata.normalize("NFKC", text) if each.isalnum()).upper()
    return hmac.new(bytes.fromhex(KEYS.find), cleaned.encode(), hashlib.sha256).hexdigest() if cleaned else ""


class SealedField(models.TextField):  # type: ignore[type-arg]
    """A text that is sealed on its way into the database and opened on its way out.

    `found_by` names the field that takes the text's fingerprint whenever a row is saved; it stands below this one.
    """

    def __init__(self, *args: Any, found_by: str = "", **options: Any) -> None:
        """As any text field, with `found_by`."""
        self.found_by = found_by
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """For migrations."""
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "found_by": self.found_by} if self.found_by else options

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django calls it so
        """Keeps the fingerprint in step with the text."""
        text = super().pre_save(model_instance, add)
        if self.found_by:
            setattr(model_instance, self.found_by, fingerprint(text))
        return text

    def get_prep_value(self, value: Any) -> Any:
        """Text → sealed text."""
        return seal(str(value or ""))

    def from_db_value(self, value: Any, *_: object) -> Any:
        """Sealed text → text. Raises `UnsealableError`."""
        return unseal(value or "")
