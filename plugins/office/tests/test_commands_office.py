"""The command line as people run it: each command a process of its own, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import urllib.parse
import urllib.request
import zipfile
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jifen.problems import Refused
from jifen_office.commands.restore import restore

from plugins.office.tests.commanded import environment, give_numbers, office_says, served

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD = re.compile(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b")
WRITER = """
import itertools, sys
from datetime import date
import django
django.setup()
from django.utils import timezone
from jifen_office.ledger.models import AccountKind, EntryKind
from jifen_office.ledger.posting import AccountName, Leg, post
from jifen_office.register.models import Village
village = Village.objects.get(code="QH01")
home = village.households.order_by("code")[0]
issue = AccountName(village, AccountKind.ISSUE, "point:total")
purse = AccountName(village, AccountKind.PURSE, "point:total", home)
for number in itertools.count():
    post(village, EntryKind.CREDIT, [Leg(issue, purse, 10)], key=f"writer:{number}", occurred=date(2025, 6, 1),
         now=timezone.now(), record=f"W{number}")
    print(number, flush=True)
"""

SEED = """
from datetime import date
import django
django.setup()
from jifen_office.register.models import Household, Town, Village
village = Village.objects.create(town=Town.objects.get(code="qinghe"), code="QH01", name="青溪村", groups=2)
Household.objects.create(village=village, code="QH01-0001", group="1组", name="顾建国", consent=date(2025, 1, 1))
"""


@pytest.fixture
def office(demo: tuple[Path, list[dict[str, str]]], tmp_path: Path) -> Path:
    """A copy of the demo office to do something to."""
    return Path(shutil.copytree(demo[0], tmp_path / "office"))


@pytest.fixture
def server(postgresql: str) -> Iterator[str]:
    """The address of a database of its own on the tests' server; another one beside it ends in 2."""
    import psycopg

    name = "office_commands"
    with psycopg.connect(postgresql, autocommit=True) as connected:
        for each in (name, f"{name}2"):
            connected.execute(f"CREATE DATABASE {each}".encode())
    yield postgresql.replace("/postgres?", f"/{name}?")
    with psycopg.connect(postgresql, autocommit=True) as connected:
        for each in (name, f"{name}2"):
            connected.execute(f"DROP DATABASE {each} WITH (FORCE)".encode())


def _verified(folder: Path) -> int:
    """How many ledgers `jifen-verify`, a program of its own, finds whole."""
    ledgers = sorted((folder / "ledgers").glob("*.jsonl"))
    for ledger in ledgers:
        subprocess.run([sys.executable, "-m", "jifen_verify", ledger], check=True, capture_output=True)
    return len(ledgers)


def test_the_demo_has_every_role_and_records_in_every_state(demo: tuple[Path, list[dict[str, str]]]) -> None:
    folder, accounts = demo
    roles = {account["role"] for account in accounts}
    assert roles == {"运维", "镇经办", "区经办", "村文书", "村民小组长", "兑换点管理员", "审核委员", "家庭户"}
    with closing(sqlite3.connect(folder / "office.sqlite3")) as database:
        states = {row[0] for row in database.execute("SELECT DISTINCT state FROM process_record WHERE kind = 'deed'")}
        vouchers = {row[0] for row in database.execute("SELECT DISTINCT state FROM shop_voucher")}
        (open_objections,) = database.execute("SELECT count(*) FROM process_objection WHERE granted IS NULL").fetchone()
        (proposals,) = database.execute("SELECT count(*) FROM process_record WHERE kind = 'proposal'").fetchone()
    assert states == {"recorded", "approved", "refused", "posted", "objected", "final", "cancelled"}
    assert vouchers == {"reserved", "handed-over", "void"}
    assert open_objections >= 4
    assert proposals >= 1


def test_check_finds_a_good_office_good_and_says_which_journal_and_why(office: Path) -> None:
    said = office_says(office, "check")
    assert sqlite3.sqlite_version in said
    assert ("WAL" if sqlite3.sqlite_version_info >= (3, 51, 3) else "DELETE") in said
    assert "QH01" in said
    assert "WC02" in said


def test_check_and_serve_say_that_the_clock_is_set_to_a_fixed_day(office: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "jifen", "office", "check", "--json"],
        env=environment(office, JIFEN_TODAY="2025-03-20"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    bad = [each for each in json.loads(done.stdout) if not each["good"]]
    assert [each["check"] for each in bad] == ["clock"]
    assert "2025-03-20" in bad[0]["detail"]
    with subprocess.Popen(
        [sys.executable, "-m", "jifen", "office", "serve", "--port", "0"],
        env=environment(office, JIFEN_TODAY="2025-03-20"),
        stdout=subprocess.PIPE,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        said = "".join(serving.stdout.readline() for _ in range(3))
        serving.send_signal(signal.SIGINT)
    assert "JIFEN_TODAY" in said
    assert "2025-03-20" in said


def test_the_folder_is_its_owners_alone_and_check_tells_what_others_can_open(office: Path, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    office_says(folder, "init", "--town", "qinghe")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert json.loads(office_says(folder, "check", "--json"))
    office.chmod(0o755)
    (office / "office.sqlite3").chmod(0o644)
    found = json.loads(office_says(office, "check", "--json", status=1))
    (bad,) = [each for each in found if not each["good"]]
    assert bad["check"] == "private"
    assert "755" in bad["detail"]
    assert "office.sqlite3" in bad["detail"]


def test_check_prints_what_others_can_get_at_and_what_to_do(office: Path) -> None:
    """Their own group is others too, and so is who may only pass through the folder."""
    assert "也能打开" not in office_says(office, "check")
    for mode in (0o750, 0o701):
        office.chmod(mode)
        said = "".join(office_says(office, "check", status=1).split())
        for words in ("这台电脑上的其他人也能打开", str(office), f"权限{mode:o}", "文件夹请改为700"):
            assert words in said
    (office / "keys.toml").chmod(0o640)
    bad = [each for each in json.loads(office_says(office, "check", "--json", status=1)) if not each["good"]]
    assert [each["check"] for each in bad] == ["keys", "private"]
    assert "640" in bad[0]["detail"]


def test_check_tells_all_that_is_wrong_at_once(office: Path) -> None:
    (office / "keys.toml").chmod(0o644)
    (office / "static" / "office" / "office.css").unlink()
    with closing(sqlite3.connect(office / "office.sqlite3")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE ledger_transfer SET amount = amount + 1 WHERE id = 1")
        database.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
        database.commit()
    found = json.loads(office_says(office, "check", "--json", status=1))
    assert {each["check"] for each in found if not each["good"]} == {"keys", "static", "tables"}
    with closing(sqlite3.connect(office / "office.sqlite3")) as database:
        database.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '0001_initial', '2025')"
        )
        database.commit()
    found = json.loads(office_says(office, "check", "--json", status=1))
    bad = [(each["check"], each["name"]) for each in found if not each["good"]]
    assert {check for check, _ in bad} == {"keys", "static", "ledger"}
    assert ("ledger", "QH01") in bad


def test_a_backup_while_others_write_restores_elsewhere_to_an_office_that_is_whole(
    office: Path, tmp_path: Path
) -> None:
    keys = (office / "keys.toml").read_text()
    with subprocess.Popen([sys.executable, "-c", WRITER], env=environment(office), stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        office_says(office, "backup", tmp_path / "b.zip")
        writer.kill()
        acknowledged = 3 + len(writer.stdout.read().splitlines())
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "keys.toml" not in archive.namelist()
    into = tmp_path / "elsewhere"
    office_says(office, "restore", tmp_path / "b.zip", "--into", into, "--keys", office / "keys.toml")
    assert (into / "keys.toml").read_text() == keys
    assert sorted(path.name for path in (into / "evidence").iterdir()) == sorted(
        path.name for path in (office / "evidence").iterdir()
    )
    office_says(into, "init", "--town", "qinghe")
    office_says(into, "check")
    assert _verified(into) == 4
    with closing(sqlite3.connect(into / "office.sqlite3")) as database:
        (kept,) = database.execute("SELECT count(*) FROM ledger_entry WHERE key LIKE 'writer:%'").fetchone()
    assert 3 <= kept <= acknowledged + 1


@pytest.fixture(scope="module")
def kept(demo: tuple[Path, list[dict[str, str]]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the demo office."""
    file = tmp_path_factory.mktemp("kept") / "b.zip"
    office_says(demo[0], "backup", file)
    return file


def test_a_damaged_backup_is_refused_with_the_part_that_is_damaged_and_leaves_nothing(
    kept: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(kept) as archive:
        parts = [(each.filename, each.header_offset + 60 + len(each.filename)) for each in archive.infolist()]
    for name, at in parts:
        whole = bytearray(kept.read_bytes())
        whole[at] ^= 1
        (tmp_path / "b.zip").write_bytes(whole)
        with pytest.raises(Refused, match=re.escape(name if name != "manifest.json" else "b.zip")):
            restore(tmp_path / "b.zip", into=tmp_path / "new")
        assert not (tmp_path / "new").exists()


def test_what_is_no_backup_is_refused_and_nothing_is_restored_over_something(kept: Path, tmp_path: Path) -> None:
    (tmp_path / "c.zip").write_bytes(b"no backup at all")
    for file in (tmp_path / "c.zip", tmp_path / "none.zip"):
        with pytest.raises(Refused, match=file.name):
            restore(file, into=tmp_path / "new")
    with pytest.raises(Refused, match="keys"):
        restore(kept, into=tmp_path / "new", keys=tmp_path / "no-keys.toml")
    assert not (tmp_path / "new").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter").write_text("mine")
    with pytest.raises(Refused, match="mine"):
        restore(kept, into=tmp_path / "mine")
    assert (tmp_path / "mine" / "letter").read_text() == "mine"


def test_a_backup_that_names_files_outside_its_folder_is_refused(tmp_path: Path) -> None:
    for number, name in enumerate(("../evil", "a/../../evil", "..\\evil")):
        file = tmp_path / f"{number}.zip"
        with zipfile.ZipFile(file, "w") as archive:
            told = {"format": "jifen-office-backup", "version": 1, "database": "sqlite", "parts": {name: "0"}}
            archive.writestr(name, "x")
            archive.writestr("manifest.json", json.dumps(told))
        with pytest.raises(Refused, match="evil"):
            restore(file, into=tmp_path / "deep" / "new")
    assert not list(tmp_path.rglob("evil"))


def test_a_backup_without_its_version_or_database_is_refused(tmp_path: Path) -> None:
    whole = {"format": "jifen-office-backup", "version": 1, "database": "sqlite", "parts": {}}
    for lacking in ("version", "database", "parts", "format"):
        file = tmp_path / f"{lacking}.zip"
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("manifest.json", json.dumps({key: whole[key] for key in whole if key != lacking}))
        with pytest.raises(Refused) as refused:
            restore(file, into=tmp_path / "new")
        assert [problem.code for problem in refused.value.problems] == ["office.restore.no-backup"]
        assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"version": "1"}, "office.restore.no-backup"),
        ({"version": None}, "office.restore.no-backup"),
        ({"version": 2}, "office.restore.newer"),
        ({"database": "mysql"}, "office.restore.no-backup"),
        ({"database": ["sqlite"]}, "office.restore.no-backup"),
        ({"parts": {}}, "office.restore.damaged"),
        ({"parts": ["office.sqlite3"]}, "office.restore.no-backup"),
    ],
)
def test_a_backup_that_says_something_else_of_itself_is_refused(
    told: dict[str, object], code: str, tmp_path: Path
) -> None:
    whole = {"format": "jifen-office-backup", "version": 1, "database": "sqlite", "parts": {"office.sqlite3": "0"}}
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("manifest.json", json.dumps({**whole, **told}))
    with pytest.raises(Refused) as refused:
        restore(tmp_path / "b.zip", into=tmp_path / "new")
    assert [problem.code for problem in refused.value.problems] == [code]
    assert not (tmp_path / "new").exists()


def test_who_restores_is_told_in_words_what_is_wrong(tmp_path: Path) -> None:
    for name, told in (("none", []), ("no-version", {"format": "jifen-office-backup", "database": "sqlite"})):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr("manifest.json", json.dumps(told))
        said = office_says(
            tmp_path / "office", "restore", tmp_path / f"{name}.zip", "--into", tmp_path / "new", status=1
        )
        assert "这不是办公室的备份文件" in said
        assert f"{name}.zip" in said
    assert not (tmp_path / "new").exists()


def test_villages_rules_the_districts_tables_and_approvals_come_back_from_a_backup(
    office: Path, tmp_path: Path
) -> None:
    texts = {
        "layers/qinghe/villages.toml": "# 施行中\n",
        "layers/qinghe/approved/QH01.toml": "# 镇里批准的\n",
        "layers/qinghe/waiting/QH02.toml": "# 等待批准\n",
        "district/recognitions.csv": "town,kind,date,document\n",
        "jifen.toml": "# 县里批准的\n",
    }
    for name, words in {**texts, "layers/qinghe/waiting/half.part": "x"}.items():
        (office / name).parent.mkdir(parents=True, exist_ok=True)
        (office / name).write_text(words, "utf-8")
    office_says(office, "backup", tmp_path / "b.zip")
    into = tmp_path / "elsewhere"
    office_says(office, "restore", tmp_path / "b.zip", "--into", into, "--keys", office / "keys.toml")
    assert {name: (into / name).read_text("utf-8") for name in texts} == texts
    assert not list(into.rglob("*.part"))


def test_a_backup_with_keys_is_never_open_to_others_and_a_killed_one_keeps_none_from_the_next(
    office: Path, tmp_path: Path
) -> None:
    """Every file that there is while it is written is looked at: its mode, and that of the folder it lies in."""
    out = tmp_path / "out"
    out.mkdir()
    (out / ".new-b.zip").write_text("left by a run that was killed")
    with subprocess.Popen(
        [sys.executable, "-m", "jifen", "office", "backup", str(out / "b.zip"), "--with-keys"], env=environment(office)
    ) as running:
        open_to_others, looked = set(), 0
        while running.poll() is None:
            for beside in out.iterdir():
                with suppress(FileNotFoundError):  # it is done and gone
                    mode = stat.S_IMODE(beside.stat().st_mode)
                    looked += beside.is_dir()
                    if beside.name != ".new-b.zip" and mode & 0o077:
                        open_to_others.add((beside.name, oct(mode)))
    assert running.returncode == 0
    assert looked
    assert not open_to_others
    assert sorted(path.name for path in out.iterdir()) == [".new-b.zip", "b.zip"]
    assert stat.S_IMODE((out / "b.zip").stat().st_mode) == 0o600


def test_an_existing_file_is_not_replaced_unasked(office: Path, tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_text("mine")
    office_says(office, "backup", tmp_path / "b.zip", status=1)
    assert (tmp_path / "b.zip").read_text() == "mine"
    office_says(office, "backup", tmp_path / "b.zip", "--force", "--with-keys")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "keys.toml" in archive.namelist()
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600


def test_an_exported_ledger_is_whole_and_names_nobody_unless_asked(office: Path, tmp_path: Path) -> None:
    personal = give_numbers(office)
    for private in (False, True):
        file = tmp_path / f"{private}.jsonl"
        office_says(office, "export", "QH01", "--out", file, *(["--private"] if private else []))
        subprocess.run([sys.executable, "-m", "jifen_verify", file], check=True, capture_output=True)
        text = file.read_text("utf-8")
        assert any(name in text for name in personal.names) is private
        assert not personal.within(text), "no number of a person is in either"
        assert (stat.S_IMODE(file.stat().st_mode) == 0o600) is private
    said = office_says(office, "export", "NONE", status=1)
    assert "QH01" in said


def test_a_backup_has_no_identity_number_telephone_or_door_number_in_clear(office: Path, tmp_path: Path) -> None:
    personal = give_numbers(office)
    office_says(office, "backup", tmp_path / "b.zip")
    assert stat.S_IMODE((tmp_path / "b.zip").stat().st_mode) == 0o600
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        texts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    assert any(name in texts["office.sqlite3"] for name in personal.names), "its texts can be read"
    assert {name: found for name, text in texts.items() if (found := personal.within(text))} == {}
    assert not [
        name for name, text in texts.items() if name.startswith("ledgers/") for one in personal.names if one in text
    ]


def test_init_sets_up_once_and_again_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    said = office_says(folder, "init", "--town", "qinghe")
    password = PASSWORD.search(said)
    assert password is not None
    assert stat.S_IMODE((folder / "keys.toml").stat().st_mode) == 0o600
    keys = (folder / "keys.toml").read_text()
    with closing(sqlite3.connect(folder / "office.sqlite3")) as database:
        before = database.execute("SELECT username, password, is_staff FROM access_user").fetchall()
    assert before[0][1].startswith("argon2$")
    assert password[0] not in (folder / "office.sqlite3").read_bytes().decode("latin-1")
    again = office_says(folder, "init", "--town", "wangchao")
    assert not PASSWORD.search(again)
    assert (folder / "keys.toml").read_text() == keys
    with closing(sqlite3.connect(folder / "office.sqlite3")) as database:
        assert database.execute("SELECT username, password, is_staff FROM access_user").fetchall() == before
        towns = {row[0] for row in database.execute("SELECT code FROM register_town")}
    assert towns == {"qinghe", "wangchao"}


def test_what_is_not_there_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    assert "init" in office_says(folder, "check", status=1)
    office_says(folder, "init", "--town", "nowhere", status=1)
    office_says(folder, "init", "--town", "qinghe", "--data", tmp_path / "none", status=1)
    assert not folder.exists()
    lost = "postgresql://office:top-secret@127.0.0.1:1/none"
    said = office_says(folder, "init", "--town", "qinghe", database=lost, status=1)
    assert "127.0.0.1" in said
    assert "top-secret" not in said


def _signed_in(address: str, name: str, password: str) -> str:
    """Where somebody comes to who signs in as a browser does."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    page = browser.open(f"{address}login/", timeout=60).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    told = {"csrfmiddlewaretoken": token[1], "username": name, "password": password}
    with browser.open(f"{address}login/", urllib.parse.urlencode(told).encode(), timeout=60) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return str(answer.url).removeprefix(address)


def test_serve_tells_its_address_answers_there_and_ends_on_ctrl_c(
    office: Path, demo: tuple[Path, list[dict[str, str]]]
) -> None:
    card = next(account for account in demo[1] if account["role"] == "家庭户")
    with served(office) as address:
        assert _signed_in(address, "qinghe1-clerk", "wrong") == "login/"
        assert _signed_in(address, "qinghe1-clerk", "demo-2025-jifen") != "login/"
        assert _signed_in(address, card["username"], card["password"]) != "login/"
        with urllib.request.urlopen(f"{address}static/office/office.css", timeout=30) as answer:  # noqa: S310 - its own
            assert answer.status == 200


def test_behind_a_proxy_people_are_led_to_https_and_nobody_else_can_pretend_it(office: Path) -> None:
    import http.client

    def asked(address: str, **headers: str) -> int:
        host = address.removeprefix("http://").rstrip("/")
        with closing(http.client.HTTPConnection(host, timeout=60)) as connection:
            connection.request("GET", "/login/", headers=headers)
            with connection.getresponse() as answer:
                return answer.status

    with served(office, JIFEN_ORIGINS="https://jifen.example") as address:
        assert asked(address) == 301
        assert asked(address, **{"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}) == 200
    with served(office, JIFEN_ORIGINS="https://jifen.example", JIFEN_PROXY="192.0.2.1") as address:
        assert asked(address, **{"X-Forwarded-Proto": "https"}) == 301


def test_the_same_holds_on_postgresql(server: str, tmp_path: Path) -> None:
    """Set up, checked, backed up while somebody writes, restored into another database, and served in its own role."""
    folder, second = tmp_path / "office", server.replace("office_commands", "office_commands2")
    said = office_says(folder, "init", "--town", "qinghe", database=server)
    password = PASSWORD.search(said)
    assert password is not None
    subprocess.run([sys.executable, "-c", SEED], env=environment(folder, server), check=True)
    found: list[dict[str, Any]] = json.loads(office_says(folder, "check", "--json", database=server))
    assert {"postgresql", "role", "ledger"} <= {each["check"] for each in found}
    with subprocess.Popen(
        [sys.executable, "-c", WRITER], env=environment(folder, server, JIFEN_AS_OFFICE="1"), stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        office_says(folder, "backup", tmp_path / "b.zip", database=server)
        writer.kill()
    with served(folder, server) as address:
        assert _signed_in(address, "operator", "wrong") == "login/"
        assert _signed_in(address, "operator", password[0]) != "login/"
    into = tmp_path / "elsewhere"
    office_says(folder, "restore", tmp_path / "b.zip", "--into", into, status=1)
    office_says(folder, "restore", tmp_path / "b.zip", "--into", into, database=server, status=1)
    assert not into.exists()
    restored = ("restore", tmp_path / "b.zip", "--into", into, "--keys", folder / "keys.toml")
    office_says(folder, *restored, database=second)
    found = json.loads(office_says(into, "check", "--json", database=second, status=1))
    assert ("role", False) in {(each["check"], each["good"]) for each in found}, "it may read nothing before init"
    office_says(into, "init", "--town", "qinghe", database=second)
    office_says(into, "check", database=second)
    assert _verified(into) == 1
