"""Attempts are counted, refused, and forgotten."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from time_machine import TimeMachineFixture

from forum.core import limits
from forum.core.errors import TooMany


def test_the_fourth_of_three_attempts_is_refused_until_the_time_is_over(
    app: Flask, clock: TimeMachineFixture
) -> None:
    with app.app_context():
        for _ in range(3):
            limits.spend("somebody", 3, 600)
        clock.shift(timedelta(seconds=90))
        with pytest.raises(TooMany) as refused:
            limits.spend("somebody", 3, 600)
        assert refused.value.retry_after == 510
        assert "9 minutes" in str(refused.value)
        limits.spend("somebody else", 3, 600)
        clock.shift(timedelta(seconds=511))
        limits.spend("somebody", 3, 600)


def test_refused_attempts_do_not_push_the_end_away(app: Flask, clock: TimeMachineFixture) -> None:
    with app.app_context():
        limits.spend("k", 1, 60)
        for _ in range(5):
            clock.shift(timedelta(seconds=10))
            with pytest.raises(TooMany):
                limits.spend("k", 1, 60)
        clock.shift(timedelta(seconds=11))
        limits.spend("k", 1, 60)


def test_a_success_starts_the_count_afresh(app: Flask) -> None:
    with app.app_context():
        limits.spend("k", 1, 60)
        limits.forget("k")
        limits.spend("k", 1, 60)


def test_of_those_who_come_first_at_once_none_is_refused_and_each_counts(app: Flask) -> None:
    def spend(key: str) -> None:
        with app.app_context():
            limits.spend(key, 20, 600)

    keys = [f"sign-in {number}" for number in range(10)]
    with ThreadPoolExecutor(10) as hands:
        list(hands.map(spend, [key for key in keys for _ in range(20)]))
    for key in keys:
        with pytest.raises(TooMany):
            spend(key)
