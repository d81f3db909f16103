"""Decides in which words the program speaks: each code in Chinese and in English, with the facts in their order."""

from __future__ import annotations

from typing import Final

WORDS: Final = {
    "not-canonical": ("不是规范的 JSON 行（被改动过）", "is not a line of canonical JSON; it was changed"),
    "header": ("首行应当说明这是 {0} 第 {1} 版", "the first line should say that this is {0} version {1}"),
    "unknown": (
        "不是这里应有的行：先是各笔，再是账户，最后是尾行",
        "is not a line that belongs here: entries, then accounts, then the last line",
    ),
    "shape": ("字段“{0}”缺少、多余或不合规定", "field {0} is missing, too many or not as the format says"),
    "village": ("这一笔是“{0}”的，账本是“{1}”的", "is an entry of {0} in the ledger of {1}"),
    "number": (
        "是第 {0} 笔，应当是第 {1} 笔：有一笔被删、被加或被调换",
        "is entry {0} where entry {1} should be: one was dropped, added or moved",
    ),
    "previous": ("第 {0} 笔没有接在前一笔后面", "entry {0} does not follow the entry before it"),
    "hash": ("第 {0} 笔与它的校验值不符：被改过", "entry {0} does not match its hash: it was changed"),
    "request": ("第 {0} 笔与它的请求校验值不符", "entry {0} does not match the digest of its request"),
    "key": (
        "第 {0} 笔的编号“{1}”已经用过：同一请求入了两次账",
        "entry {0} has the key {1} of an earlier one: a request was entered twice",
    ),
    "opening": ("第 {0} 笔的说明不是入账时的说明", "the words of entry {0} are not those of its commitment"),
    "public": ("公开的导出里不应有说明", "a public export should not have what entries say of people"),
    "transfer": (
        "第 {0} 笔的“{1} → {2}：{3}”不是同一单位两个账户之间的变动",
        "entry {0}: {1} → {2}: {3} is not between two accounts of one unit",
    ),
    "below": ("第 {0} 笔使 {1} 变成 {2}，低于 0", "entry {0} brings {1} to {2}, below 0"),
    "reverses": (
        "第 {0} 笔不是第 {1} 笔的原样冲正，或者冲正了两次",
        "entry {0} is not the exact opposite of entry {1}, or reverses it a second time",
    ),
    "order": ("账户 {0} 不在它的位置上", "account {0} is not in its place"),
    "balance": ("账户 {0} 写的是 {1}，按各笔应为 {2}", "account {0} says {1}, its entries make it {2}"),
    "sum": ("{0} 的各账户加起来是 {1}，应为 0", "the accounts of {0} sum to {1} instead of 0"),
    "counts": (
        "尾行写 {0} 笔、{1} 个账户，文件里有 {2} 笔、{3} 个账户",
        "the last line says {0} entries and {1} accounts, the file has {2} and {3}",
    ),
    "last": ("尾行的校验值不是最后一笔的", "the last line's head is not the hash of the last entry"),
    "bytes": ("文件内容与尾行的 SHA-256 不符", "the bytes of the file are not those of the last line's SHA-256"),
    "after": ("尾行之后还有内容", "there is something after the last line"),
    "end": ("没有尾行：文件不完整", "the last line is missing: the file is not complete"),
    "no-head": (
        "印出的校验值 {0} 不在账本里：不是同一本账，或者账被重做过",
        "the printed value {0} is not in the ledger: it is another one, or was made anew",
    ),
    "whole": (
        "{0}：{1} 笔，{2} 个账户，完好；最后一笔的校验值 {3}",
        "{0}: {1} entries, {2} accounts, whole; hash of the last entry {3}",
    ),
    "found": ("印出的校验值在第 {0} 笔（{1} 入账）", "the printed value is that of entry {0} (recorded {1})"),
    "beginning": (
        "印出的校验值是 64 个 0：公示时账本里还没有一笔，它对哪一本账都一样",
        "the printed value is 64 zeros: nothing was entered when the sheet was posted, and every ledger begins so",
    ),
    "words": ("有说明的 {0} 笔，说明已经删除的 {1} 笔", "entries with their words {0}, with words erased {1}"),
    "wrong": ("{0}：有 {1} 处不对", "{0}: {1} things are wrong"),
    "place": ("第 {0} 行：", "line {0}: "),
    "unreadable": ("读不了 {0}：{1}", "cannot read {0}: {1}"),
    "help": (
        "检查导出的积分账本：没有一笔被改、被删、被调换，余额与各笔相符",
        "check an exported points ledger: nothing changed, dropped or moved, balances as the entries make them",
    ),
    "help.file": ("导出的账本（“-”为标准输入）", "the exported ledger (- for standard input)"),
    "help.head": ("公示单上印的校验值（二维码的内容）", "the value printed on a posted sheet (what its QR code says)"),
    "help.lang": ("语言：zh 或 en（不给则看 LANG）", "language: zh or en (by LANG where it is not given)"),
}


def say(language: str, code: str, *facts: object) -> str:
    """The words of a code in ``zh`` or ``en``."""
    return WORDS[code][language == "en"].format(*facts)
