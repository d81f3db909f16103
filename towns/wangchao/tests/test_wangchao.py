from jifen_conformance import conformance_tests

test_conformance = conformance_tests("wangchao")
