"""Every word of the pages is there in both languages, and what is compiled is what is written."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import jifen_office
import pytest
from django.utils.translation import override
from jifen_office.access.audit import ASKED, DENIED, SEEN
from jifen_office.access.models import Role
from jifen_office.access.roles import HOUSEHOLD
from jifen_office.ledger.models import EntryKind
from jifen_office.pages.stated import WORDS, stated
from jifen_office.process.models import Kind, State, StepKind
from jifen_office.shop.models import VoucherState

PACKAGE = Path(jifen_office.__file__).parent
FOLDER = PACKAGE / "locale" / "en" / "LC_MESSAGES"
CALLS = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "_"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def written() -> dict[str | tuple[str, int], str]:
    """The words of the .po file, keyed as `gettext` keys them: plural forms by (source, number)."""
    found: dict[str | tuple[str, int], str] = {}
    for block in (FOLDER / "django.po").read_text("utf-8").split("\n\n")[1:]:
        parts: dict[str, str] = {}
        name = ""
        for line in block.splitlines():
            head = re.match(r'(msgid_plural|msgid|msgstr(?:\[\d\])?) (?=")', line)
            if head:
                name, line = head[1], line[head.end() :]  # noqa: PLW2901 - the rest of the line
            if line.startswith('"'):
                parts[name] = parts.get(name, "") + ast.literal_eval(line)
        if "msgid_plural" in parts:
            found |= {(parts["msgid"], number): parts[f"msgstr[{number}]"] for number in (0, 1)}
        else:
            found[parts["msgid"]] = parts["msgstr"]
    return found


def in_templates() -> set[str]:
    """What templates say to be translated."""
    found = set()
    for file in PACKAGE.rglob("templates/**/*.html"):
        text = file.read_text("utf-8")
        for plain in re.findall(r"""{%\s*translate\s+("[^"]*"|'[^']*')""", text):
            found.add(plain[1:-1])
        for block in re.findall(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate", text, re.DOTALL):
            for form in re.split(r"{%\s*plural\s*%}", block):
                found.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", form))
    return found


def in_code() -> set[str]:
    """What the code says to be translated."""
    found = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                found |= {
                    each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
                }
    return {words for words in found if CHINESE.search(words)}


def test_what_is_compiled_is_what_is_written() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    assert {key: words for key, words in compiled.items() if key != ""} == written()


def test_nothing_is_left_untranslated_or_in_chinese() -> None:
    for key, words in written().items():
        assert words.strip(), key
        assert not CHINESE.search(words), key


def test_a_translation_has_the_same_facts_as_its_source() -> None:
    for key, words in written().items():
        source = key[0] if isinstance(key, tuple) else key
        assert set(re.findall(r"%\(\w+\)[sd]", words)) == set(re.findall(r"%\(\w+\)[sd]", source)), key


def test_every_word_of_the_pages_is_in_the_file_and_none_is_left_over() -> None:
    known = {key[0] if isinstance(key, tuple) else key for key in written()}
    wanted = in_templates() | in_code()
    assert wanted - known == set()
    assert known - wanted == set()


@pytest.mark.parametrize("of", WORDS)
def test_every_state_and_kind_has_its_word(of: str) -> None:
    kinds = {"state": State, "step": StepKind, "entry": EntryKind, "voucher": VoucherState, "kind": Kind}
    told = {name: set(map(str, kind)) for name, kind in kinds.items()}
    told["role"] = {HOUSEHOLD, *map(str, Role)}
    told["outcome"] = {ASKED, SEEN, DENIED, "done", "refused", "failed"}
    assert set(map(str, WORDS[of])) == told[of]
    with override("en"):
        assert not any(CHINESE.search(stated(code, of)) for code in WORDS[of])
