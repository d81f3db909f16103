from jifen.cases import check_town


def test_rules_hold_and_every_case_comes_out_as_worked_by_hand() -> None:
    check_town("qinghe")
