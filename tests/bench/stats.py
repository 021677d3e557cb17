"""Ratios of rounds: median, bootstrap interval, verdict by the interval's bound."""

import math
import random
import statistics

RESAMPLES = 10_000


def percentile(values, share):
    """The value below which `share` of the values lie; NaN of nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.floor(share * len(ordered)))] if ordered else math.nan


def interval(ratios, resamples=RESAMPLES, seed=1):
    """95 % bootstrap interval of the median; of fewer than three rounds there is none."""
    if len(ratios) < 3:
        return None
    dice = random.Random(seed)
    medians = sorted(statistics.median(dice.choices(ratios, k=len(ratios))) for _ in range(resamples))
    return medians[int(0.025 * resamples)], medians[int(0.975 * resamples) - 1]


class Goal:
    """One line of the report. `at_least`: the ratio should be high; else it should be low. `lowered`: the floor of decision 0008 or 0012,
    where the design's is out of reach; both are shown, and which of them is met. Without a floor the ratio is only reported."""

    def __init__(self, name, metric, against, floor, target, at_least=True, lowered=None):
        self.name, self.metric, self.against = name, metric, against
        self.floor, self.target, self.at_least, self.lowered = floor, target, at_least, lowered
        self.pairs, self.skipped, self.notes = [], "", []

    def add(self, ours, other):
        self.pairs.append((ours, other))

    def skip(self, why):
        self.skipped = why

    @property
    def ratios(self):
        return [ours / other for ours, other in self.pairs if other]

    def verdict(self):
        """By the bound that is against us. With too few rounds for an interval nothing is called met."""
        if self.floor is None:
            return "reported"
        bounds = interval(self.ratios)
        if bounds is None:
            return "indicative"
        bound = bounds[0] if self.at_least else bounds[1]

        def reached(limit):
            return bound >= limit if self.at_least else bound <= limit
        if reached(self.target):
            return "target met"
        if reached(self.floor):
            return "floor met"
        return "lowered floor met" if self.lowered is not None and reached(self.lowered) else "below the floor"

    def row(self):
        sign = ">=" if self.at_least else "<="
        lowered = "" if self.lowered is None else f" (lowered: {self.lowered:g})"
        wanted = "-" if self.floor is None else f"{sign} {self.floor:g}{lowered} / {sign} {self.target:g}"
        if self.skipped or not self.ratios:
            return [self.name, self.metric, self.against, "", "", wanted, f"skipped: {self.skipped or 'no round'}"]
        bounds = interval(self.ratios)
        spread = f"{bounds[0]:.3g} .. {bounds[1]:.3g}" if bounds else "-"
        return [self.name, self.metric, self.against, f"{statistics.median(self.ratios):.3g}x", spread, wanted, self.verdict()]

    def raw(self):
        return ", ".join(f"{ours:.4g}/{other:.4g}" for ours, other in self.pairs)


def table(goals):
    rows = [["goal", "metric", "against", "median", "95 % interval", "floor / target", "verdict"]] + [goal.row() for goal in goals]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    for goal in goals:
        if goal.pairs:
            lines.append(f"  {goal.name} {goal.against}: ours/other per round: {goal.raw()}")
        lines += [f"  {goal.name}: {note}" for note in goal.notes]
    return "\n".join(lines)
