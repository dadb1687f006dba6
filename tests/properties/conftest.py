"""Asserts of the helpers say what they compared, too."""

import pytest

pytest.register_assert_rewrite("tests.properties.ledger_machine", "tests.properties.ledger_rig")
