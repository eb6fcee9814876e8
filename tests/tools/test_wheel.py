"""The wheel carries what git tracks, no more and no less."""

from tools.wheel import faults, packages


def test_the_same_files_on_both_sides_are_no_fault() -> None:
    assert list(faults({"db/models.py"}, {"db/models.py"})) == []


def test_a_tracked_file_that_the_wheel_lacks_is_a_fault() -> None:
    (fault,) = faults({"policies/model.conf"}, set())
    assert fault.startswith("policies/model.conf is tracked but not in the wheel")


def test_a_file_in_the_wheel_that_nobody_tracks_is_a_fault() -> None:
    (fault,) = faults(set(), {"policies/rules/own.csv"})
    assert fault.startswith("policies/rules/own.csv is in the wheel but not tracked")


def test_the_wheel_holds_the_ten_rooms() -> None:
    assert packages() == [
        "audit", "cli", "db", "keys", "policies", "printing", "regulation", "resolvers", "schema",
        "server",
    ]  # fmt: skip
