"""The auditor's own working-day calculator, on the public form of a calendar. It answers None for targets that it does not know:
those are not judged. Pauses are not its business."""

from datetime import datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FURTHEST_DAYS = 3700


def _seconds(clock):
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + (seconds[0] if seconds else 0)


def _at(day, seconds, zone):
    """That time of day as people's clocks show it, in UTC."""
    days, rest = divmod(seconds, 86_400)
    local = datetime.combine(day + timedelta(days=days), time(rest // 3600, rest // 60 % 60, rest % 60), zone)
    return local.astimezone(timezone.utc)


class Hours:
    """`calendar`: a steward.sla.v1.Calendar."""

    def __init__(self, calendar):
        self.zone = ZoneInfo(calendar.time_zone)
        self._weekly = {entry.weekday: entry.intervals for entry in calendar.weekly_hours}
        self._dates = {holiday.date: () for holiday in calendar.holidays}
        for override in calendar.overrides:
            self._dates[override.date] = override.intervals or (calendar.make_up_hours if override.make_up else ())

    def of(self, day):
        """[(open, close)] of a local date in UTC, ordered."""
        intervals = self._dates.get(day.isoformat(), self._weekly.get(WEEKDAYS[day.weekday()], ()))
        found = []
        for interval in intervals:
            opens, closes = _seconds(interval.open), _seconds(interval.close)
            found.append((_at(day, opens, self.zone), _at(day, closes + (86_400 if closes < opens else 0), self.zone)))
        return sorted(found)

    def nth_working_day(self, start, n):
        """The last closing of the n-th working day after the day of the start."""
        day = start.astimezone(self.zone).date()
        for _ in range(FURTHEST_DAYS):
            day += timedelta(days=1)
            n -= bool(self.of(day))
            if n == 0:
                return max(close for _, close in self.of(day))
        return None

    def after_working_time(self, start, amount, at_next_opening=False):
        day = start.astimezone(self.zone).date() - timedelta(days=1)  # hours may run past midnight
        done = start
        for _ in range(FURTHEST_DAYS):
            for opens, closes in self.of(day):
                opens = max(opens, done)
                if closes <= opens:
                    continue
                inside = closes - opens
                if amount < inside or (amount == inside and not at_next_opening):
                    return opens + amount
                amount, done = amount - inside, closes
            day += timedelta(days=1)
        return None


def due(target, calendar, start):
    """When a promise is due that nothing pauses."""
    amount = target.WhichOneof("amount")
    if target.before:
        return None
    if amount == "wall_clock":
        return start + target.wall_clock.ToTimedelta()
    if calendar is None:
        return None
    hours = Hours(calendar)
    if amount == "working_time" and target.working_time.ToTimedelta() > timedelta(0):
        return hours.after_working_time(start, target.working_time.ToTimedelta(), target.boundary == target.START_OF_NEXT)
    if target.count_event_day or target.close_at == target.SAME_TIME:
        return None
    if amount == "working_days" and target.working_days > 0:
        return hours.nth_working_day(start, target.working_days)
    return None
