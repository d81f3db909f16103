from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import connection
from jifen_office.register.models import Household, Town, Village


@pytest.mark.django_db
def test_personal_data_are_sealed_in_the_database_and_read_as_they_were() -> None:
    town = Town.objects.create(code="qinghe", name="青禾镇")
    village = Village.objects.create(town=town, code="QH01", name="河畔村")
    Household.objects.create(village=village, code="QH01-0001", group="1组", name="顾建国", address="河畔村12号")
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM register_household")
        (stored,) = cursor.fetchone()
    assert "河畔村" not in stored
    assert Household.objects.get(code="QH01-0001").address == "河畔村12号"


def test_the_tests_have_a_server_of_their_own(postgresql: str) -> None:
    import psycopg

    with psycopg.connect(postgresql) as connected:
        assert connected.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.django_db
def test_django_finds_nothing_wrong_and_no_change_of_the_models_without_its_migration() -> None:
    call_command("check", "--fail-level", "WARNING")
    call_command("makemigrations", "--check", "--dry-run")
