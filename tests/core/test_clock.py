"""Stored times are UTC with microseconds and sort as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.core.clock import parse_moment, stamp

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, MOMENTS)
def test_stamps_sort_like_the_moments(a: datetime, b: datetime) -> None:
    assert (stamp(a) < stamp(b)) == (a < b)
    assert parse_moment(stamp(a)) == a


def test_other_zones_become_utc_and_none_is_refused() -> None:
    east = timezone(timedelta(hours=5))
    assert stamp(datetime(2026, 1, 1, 3, tzinfo=east)) == "2025-12-31T22:00:00.000000Z"
    with pytest.raises(ValueError, match="zone"):
        stamp(datetime(2026, 1, 1))
    with pytest.raises(ValueError, match="zone"):
        parse_moment("2026-01-01T00:00:00")
    assert parse_moment("2026-01-02") == datetime(2026, 1, 2, tzinfo=UTC)
