"""A strict local Discord for one application: gateway, REST and attachments in memory on 127.0.0.1."""

from .actors import ActionRefused, Answer, Interaction, Person, Upload
from .server import LocalDiscord

__all__ = ["ActionRefused", "Answer", "Interaction", "LocalDiscord", "Person", "Upload"]
