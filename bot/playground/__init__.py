"""A strict local Discord for one application: gateway, REST and attachments in memory on 127.0.0.1."""

from .actors import ActionRefused, Answer, Interaction, Person, Upload
from .exchanges import Exchange
from .faults import Faults
from .ratelimits import Limit, RateLimits
from .server import LocalDiscord
from .studio import atelier_studio
from .world import World

__all__ = [
    "ActionRefused",
    "Answer",
    "Exchange",
    "Faults",
    "Interaction",
    "Limit",
    "LocalDiscord",
    "Person",
    "RateLimits",
    "Upload",
    "World",
    "atelier_studio",
]
