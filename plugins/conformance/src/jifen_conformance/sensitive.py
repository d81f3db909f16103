"""Decides which words speak of what no scheme may score: petitioning, religion, rehabilitation, a person's health.

The words are chosen to raise few false alarms: 宣传教育 and 诚信教育 are no religion, 教会老人用手机 is no church, a
competition is no petition, and who helps a disabled neighbour is not asked about health.
"""

from __future__ import annotations

import re
from typing import Final

_SCHOOL: Final = "(?![育室学师练材])"
"""宣传教育, 进入教室: 教 begins the next word."""
_HELPING: Final = "".join(f"(?<!{verb})" for verb in ("帮助", "帮扶", "扶助", "关爱", "照顾", "探望", "慰问", "服务"))

_PETITIONING: Final = ("信访", "上访", "缠访", "闹访", "越级访", r"\bpetition(?:s|ed|ing|ers?)?\b")
_RELIGION: Final = (
    "宗教", "邪教", "佛教", "天主教", "基督", "伊斯兰", "清真寺", "教堂", "寺庙", "教徒", "信徒", "民间信仰",
    "教会(?:活动|组织|成员)", f"[信传入道]教{_SCHOOL}", r"\breligio\w*", r"\bchurch", r"\bcults?\b",
)  # fmt: skip
_REHABILITATION: Final = (
    "戒毒", "吸毒", "社区矫正", "矫正对象", "刑满", "服刑", "安置帮教",
    r"\brehabilitat\w*", r"\baddict\w*", r"\bconvict(?:s|ed)?\b",
)  # fmt: skip
_HEALTH: Final = (
    "病历", "病史", "患病", "患者", "确诊", "艾滋", "精神病", "精神障碍", "体检(?:结果|报告)", "计划生育",
    "传染病(?![防宣知])", f"{_HELPING}残疾", r"\bhiv\b", r"\bmedical records?\b", r"\bpatients\b", r"\bdisabilit\w*",
    r"\bmental(?:ly)? ill", r"(?<!animal )(?<!plant )(?<!crop )\bdiseases?\b",
)  # fmt: skip

SENSITIVE: Final = re.compile("|".join((*_PETITIONING, *_RELIGION, *_REHABILITATION, *_HEALTH)), re.IGNORECASE)


def sensitive_in(text: str) -> list[str]:
    """The sensitive words of a text, as they stand in it."""
    return [found[0] for found in SENSITIVE.finditer(text)]
