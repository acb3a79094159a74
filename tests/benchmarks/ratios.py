"""Shares and rates with their 95 % intervals, and precision at a given prevalence, as text."""

import math


def share_of(found: int, of: int, form: str = ".2f") -> str:
    """With its 95 % interval (Wilson)."""
    if not of:
        return "none"
    z, p = 1.96, found / of
    middle, half = p + z * z / (2 * of), z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (max(0.0, (middle + sign * half) / (1 + z * z / of)) for sign in (-1, 1))
    return f"{p:{form}} ({low:{form}}-{min(1.0, high):{form}})"


def rate(count: int, days: float) -> str:
    """Per 1,000 hull-days, with its 95 % interval (Byar's approximation to Poisson's)."""
    low = count * (1 - 1 / (9 * count) - 1.96 / (3 * math.sqrt(count))) ** 3 if count else 0.0
    more = count + 1
    high = more * (1 - 1 / (9 * more) + 1.96 / (3 * math.sqrt(more))) ** 3
    return " ".join((f"{1000 * count / days:,.0f}", f"({1000 * low / days:,.0f}-{1000 * high / days:,.0f})"))


def precision_at(cuts_a_day: float, found: int, cuts: int, false_a_day: float) -> str:
    """Were so many cuts made in a hull-day, found as these were, beside as many false alarms as these."""
    right = cuts_a_day * found / cuts if cuts else 0.0
    return f"{right / (right + false_a_day):.2f}" if cuts and right + false_a_day else ""
