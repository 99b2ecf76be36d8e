from __future__ import annotations

import pytest

from guestwire.agent.system.windows.osversion import release


@pytest.mark.parametrize(
    ("number", "server", "name"),
    [
        ((10, 0, 22631), False, "11"),
        ((10, 0, 18362), False, "10"),
        ((6, 3, 9600), False, "8.1"),
        ((6, 1, 7601), False, "7"),
        ((10, 0, 26100), True, "2025"),
        ((10, 0, 20348), True, "2022"),
        ((10, 0, 17763), True, "2019"),
        ((10, 0, 14393), True, "2016"),
        ((6, 1, 7601), True, "2008 R2"),
        ((5, 1, 2600), False, ""),
    ],
)
def test_the_number_on_the_box(number: tuple[int, int, int], server: bool, name: str) -> None:
    assert release(number, server) == name
