"""Mail that left, by the logs: a line of time, and a table of the ways out."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from auditor.moments import instant
from auditor.report.html.drawing import LINE, bar, image, line, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from markupsafe import Markup

    from auditor.model import MailFlowResult, WayKind

_WIDTH: Final = 900.0
_HEIGHT: Final = 130.0
_MOST: Final = 240
"""So many bars at most; then each is of several hours."""

_HOUR: Final = timedelta(hours=1)
_LEFT: Final = 60.0
_DOMAINS: Final = 12
COLOURS: Final[Mapping[WayKind, str]] = {
    "bypass": "bad",
    "other-region": "bad",
    "other-connector": "bad",
    "unknown-connector": "unknown",
    "unclear": "unknown",
    "exempt": "exempt",
    "gateway": "good",
    "internal": "inside",
}
"""Where a way leads → the colour that it has, from what is drawn on top to what is below."""

_WORDS: Final[Mapping[WayKind, str]] = {
    "bypass": "around the gateway",
    "other-region": "not to the region's hosts",
    "other-connector": "another connector",
    "unknown-connector": "unknown connector",
    "unclear": "cannot be told",
    "exempt": "exempt",
    "gateway": "through the gateway",
    "internal": "internal",
}


class Row(NamedTuple):
    """A way out as the table has it."""

    verdict: str
    colour: str
    connector: str
    host: str
    server: str
    deliveries: str
    domains: str
    first: str
    last: str


def rows(result: MailFlowResult) -> list[Row]:
    """The ways out, those that are wrong first."""
    found = []
    for way in result.ways:
        seen, colour = way.seen, COLOURS[way.kind]
        listed = [one.domain or "(no domain)" for one in seen.domains]
        more = len(listed) - _DOMAINS + seen.more_domains
        names = ", ".join(listed[:_DOMAINS]) + (f" and {more:,} more" if more > 0 else "")
        logs = " (protocol log)" if seen.kind == "protocol" else ""
        found.append(
            Row(
                verdict=_WORDS[way.kind],
                colour=colour,
                connector=seen.connector or "(none)",
                host=(seen.host or seen.address or "(not logged)") + logs,
                server=seen.server or "",
                deliveries=f"{way.outbound or seen.deliveries:,}",
                domains=names if colour in {"bad", "unknown", "exempt"} else "",
                first=instant(seen.first),
                last=instant(seen.last),
            )
        )
    return found


def drawn(result: MailFlowResult) -> Markup | None:
    """Outbound deliveries an hour as SVG; None where there are none."""
    hours: dict[datetime, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for way in result.ways:
        if way.kind != "internal" and way.seen.kind == "tracking":
            for hour in way.seen.hours:
                hours[hour.start.astimezone(UTC)][COLOURS[way.kind]] += hour.deliveries
    if not hours:
        return None
    first, last = min(hours), max(hours)
    count = (last - first) // _HOUR + 1
    each = -(-count // _MOST)
    bars: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for start, colours in hours.items():
        for colour, deliveries in colours.items():
            bars[((start - first) // _HOUR) // each][colour] += deliveries
    return _image(bars, -(-count // each), each, first, last)


def _image(
    bars: Mapping[int, Mapping[str, int]], count: int, each: int, first: datetime, last: datetime
) -> Markup:
    most = max(sum(colours.values()) for colours in bars.values())
    width = _WIDTH / count
    parts = [
        text(0, LINE, f"{most:,}", "said"),
        line(_LEFT, _HEIGHT, _LEFT + _WIDTH, _HEIGHT, "axis"),
    ]
    for number, colours in sorted(bars.items()):
        bottom = _HEIGHT
        # What is wrong stands at the bottom and is never too small to be seen.
        for colour in dict.fromkeys(COLOURS.values()):
            if deliveries := colours.get(colour, 0):
                height = max(deliveries / most * (_HEIGHT - LINE), 2.0)
                bottom -= height
                gap = 0.5 if width > 3 else 0
                x = _LEFT + number * width
                parts.append(bar(x, bottom, max(width - gap, 0.5), height, f"bar {colour}"))
    parts.append(text(_LEFT, _HEIGHT + LINE, instant(first), "said"))
    end = instant(last + _HOUR)
    parts.append(text(_LEFT + _WIDTH - len(end) * 7.2, _HEIGHT + LINE, end, "said"))
    unit = "an hour" if each == 1 else f"in {each} hours"
    title = f"Outbound deliveries {unit}, {most:,} at the most; the table below has the ways"
    return image(_LEFT + _WIDTH, _HEIGHT + 1.5 * LINE, title, parts)
