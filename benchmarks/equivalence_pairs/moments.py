"""Days, months, moments and time zones."""

from equivalence_pairs.made import pair

RIGHT = [
    pair(
        "days between, without a walk",
        """
        from datetime import date, timedelta


        def nights(arrival: date, departure: date) -> int:
            if abs((departure - arrival).days) > 5000:
                raise ValueError("too long")
            count = 0
            while arrival < departure:
                arrival += timedelta(days=1)
                count += 1
            return count
        """,
        """
        from datetime import date


        def nights(arrival: date, departure: date) -> int:
            days = (departure - arrival).days
            if abs(days) > 5000:
                raise ValueError("too long")
            return max(0, days)
        """,
        "nights(__import__('datetime').date(2024, 2, 28), __import__('datetime').date(2024, 3, 1)) "
        "== 2",
        function="nights",
        shows="[nights(date(2024, 2, 1), date(y, 3, 1)) for y in (2023, 2024, 2025)]",
    ),
    pair(
        "working days by whole weeks",
        """
        from datetime import date, timedelta


        def working_days(start: date, end: date) -> int:
            if not timedelta(0) <= end - start < timedelta(days=5000):
                return 0
            count = 0
            while start < end:
                if start.weekday() < 5:
                    count += 1
                start += timedelta(days=1)
            return count
        """,
        """
        from datetime import date, timedelta


        def working_days(start: date, end: date) -> int:
            if not timedelta(0) <= end - start < timedelta(days=5000):
                return 0
            weeks, rest = divmod((end - start).days, 7)
            first = start.weekday()
            return 5 * weeks + sum([(first + day) % 7 < 5 for day in range(rest)])
        """,
        "working_days(__import__('datetime').date(2024, 3, 1), "
        "__import__('datetime').date(2024, 3, 8)) == 5",
        function="working_days",
        shows="[working_days(date(2024, 1, a % 7 + 1), date(2024, 1, a)) for a in range(1, 31)]",
    ),
    pair(
        "the last day of a month from the calendar",
        """
        from datetime import date, timedelta


        def month_end(day: date) -> date:
            while (day + timedelta(days=1)).month == day.month:
                day += timedelta(days=1)
            return day
        """,
        """
        from calendar import monthrange
        from datetime import date


        def month_end(day: date) -> date:
            return day.replace(day=monthrange(day.year, day.month)[1])
        """,
        "month_end(__import__('datetime').date(2024, 2, 3)).day == 29",
        function="month_end",
        shows="[month_end(date(2023, m, 28)) for m in range(1, 13)]",
    ),
    pair(
        "moments are gathered by their day",
        """
        from datetime import date, datetime


        def by_day(moments: list[datetime]) -> dict[date, list[datetime]]:
            days = {}
            for day in [moment.date() for moment in moments]:
                if day not in days:
                    days[day] = [moment for moment in moments if moment.date() == day]
            return days
        """,
        """
        from datetime import date, datetime


        def by_day(moments: list[datetime]) -> dict[date, list[datetime]]:
            days: dict[date, list[datetime]] = {}
            for moment in moments:
                days.setdefault(moment.date(), []).append(moment)
            return days
        """,
        "by_day([]) == {}",
        function="by_day",
        shows="by_day([datetime(2024, 1, 1, h % 3) for h in range(6)] + [datetime(2023, 1, 1)])",
    ),
    pair(
        "the length of time by its own division",
        """
        from datetime import timedelta


        def hours(span: timedelta) -> int:
            if span < timedelta(0) or span > timedelta(days=100):
                return 0
            count = 0
            while span >= timedelta(hours=1):
                span -= timedelta(hours=1)
                count += 1
            return count
        """,
        """
        from datetime import timedelta


        def hours(span: timedelta) -> int:
            if span < timedelta(0) or span > timedelta(days=100):
                return 0
            return span // timedelta(hours=1)
        """,
        "hours(__import__('datetime').timedelta(minutes=150)) == 2",
        function="hours",
        shows="hours(timedelta(days=2, microseconds=-1)) + hours(timedelta(hours=3))",
    ),
]

_DATES = "__import__('datetime')"
WRONG = [
    pair(
        "days of a negative length",
        """
        from datetime import datetime


        def days_left(now: datetime, deadline: datetime) -> int:
            return (deadline - now).days
        """,
        """
        from datetime import datetime


        def days_left(now: datetime, deadline: datetime) -> int:
            return int((deadline - now).total_seconds() / 86400)
        """,
        f"days_left({_DATES}.datetime(2024, 1, 1), {_DATES}.datetime(2024, 1, 3, 5)) == 2",
        function="days_left",
        shows="days_left(datetime(2024, 1, 2), datetime(2024, 1, 1, 12))",
    ),
    pair(
        "seconds beside the days",
        """
        from datetime import datetime


        def seconds(start: datetime, end: datetime) -> int:
            return int((end - start).total_seconds())
        """,
        """
        from datetime import datetime


        def seconds(start: datetime, end: datetime) -> int:
            return (end - start).seconds
        """,
        f"seconds({_DATES}.datetime(2024, 1, 1), {_DATES}.datetime(2024, 1, 1, 1)) == 3600",
        function="seconds",
        shows="seconds(datetime(2024, 1, 1), datetime(2024, 1, 3))",
    ),
    pair(
        "the clock on the wall is not the moment",
        """
        from datetime import datetime, timezone


        def in_order(moments: list[datetime]) -> list[datetime]:
            return sorted(moments, key=lambda moment: moment.astimezone(timezone.utc))
        """,
        """
        from datetime import datetime


        def in_order(moments: list[datetime]) -> list[datetime]:
            return sorted(moments, key=lambda moment: moment.replace(tzinfo=None))
        """,
        "in_order([]) == []",
        function="in_order",
        shows="in_order([datetime(2024, 1, 1, h, tzinfo=timezone(__import__('datetime').timedelta"
        "(hours=h))) for h in (0, 1, 5)][::-1] + [datetime(2024, 1, 1, 2, tzinfo=timezone.utc)])",
    ),
    pair(
        "not every month has thirty days",
        """
        from datetime import date


        def next_month(day: date) -> date:
            year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
            return date(year, month, 1)
        """,
        """
        from datetime import date, timedelta


        def next_month(day: date) -> date:
            return (day + timedelta(days=30)).replace(day=1)
        """,
        f"next_month({_DATES}.date(2024, 4, 15)) == {_DATES}.date(2024, 5, 1)",
        function="next_month",
        shows="next_month(date(2024, 1, 31))",
    ),
    pair(
        "years of so many days",
        """
        from datetime import date


        def age(born: date, today: date) -> int:
            return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        """,
        """
        from datetime import date


        def age(born: date, today: date) -> int:
            return (today - born).days // 365
        """,
        f"age({_DATES}.date(2020, 5, 1), {_DATES}.date(2024, 9, 1)) == 4",
        function="age",
        shows="age(date(2020, 1, 1), date(2023, 12, 31))",
    ),
    pair(
        "what is smaller than a second stays",
        """
        from datetime import datetime


        def hour_of(moment: datetime) -> datetime:
            return moment.replace(minute=0, second=0, microsecond=0)
        """,
        """
        from datetime import datetime, timedelta


        def hour_of(moment: datetime) -> datetime:
            return moment - timedelta(minutes=moment.minute, seconds=moment.second)
        """,
        f"hour_of({_DATES}.datetime(2024, 1, 1, 5, 30, 7)) == {_DATES}.datetime(2024, 1, 1, 5)",
        function="hour_of",
        shows="hour_of(datetime(2024, 1, 1, 5, 30, 7, 9))",
    ),
    pair(
        "the zone is lost",
        """
        from datetime import datetime


        def midnight(moment: datetime) -> datetime:
            return moment.replace(hour=0, minute=0, second=0, microsecond=0)
        """,
        """
        from datetime import datetime


        def midnight(moment: datetime) -> datetime:
            return datetime(moment.year, moment.month, moment.day)
        """,
        f"midnight({_DATES}.datetime(2024, 1, 1, 5, 30)) == {_DATES}.datetime(2024, 1, 1)",
        function="midnight",
        shows="midnight(datetime(2024, 1, 1, 5, tzinfo=__import__('datetime').timezone.utc))",
    ),
]
