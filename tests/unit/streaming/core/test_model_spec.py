"""Model specs and paces check themselves."""

import pytest

from streaming.core.model_spec import PRESETS, ModelSpec, Pace


def test_presets_are_distinct_and_pace_checks_itself() -> None:
    assert len(set(PRESETS.values())) == len(PRESETS)
    with pytest.raises(ValueError, match="pace"):
        Pace(tokens_per_s=0)
    with pytest.raises(ValueError, match="provider"):
        ModelSpec(provider="nobody")  # type: ignore[arg-type]
