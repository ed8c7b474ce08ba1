"""What has changed, told to the right people; and the dead-man's ping.

``routes`` (whom, and when), ``decide`` (who gets a message of a run), ``message`` and ``changes``
(what it says), ``layout`` (as text and as HTML), ``library`` (the one door to apprise), ``reasons``
(why it failed, without secrets), ``send`` (with tries, bounded in time), ``ping``, and ``run``,
which does all of it. Nothing here imports apprise before something is sent or checked.
"""

from auditor.notify.occasion import Occasion
from auditor.notify.routes import Ping, Route, holds_secret

__all__ = ["Occasion", "Ping", "Route", "holds_secret"]
