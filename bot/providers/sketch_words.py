"""What the sketch painter understands of a prompt: a small vocabulary of places, lights, weathers and things."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

from bot.providers.sketch_colour import Colour, Light, parse


class Motif(StrEnum):
    """What the picture is of."""

    HILLS = "hills"
    MOUNTAINS = "mountains"
    SEA = "sea"
    FOREST = "forest"
    CITY = "city"
    DESERT = "desert"
    SPACE = "space"
    PORTRAIT = "portrait"
    FLOWERS = "flowers"
    ABSTRACT = "abstract"


class Weather(StrEnum):
    """What is in the air."""

    RAIN = "rain"
    SNOW = "snow"
    FOG = "fog"


class Thing(StrEnum):
    """What stands, sits or flies in the picture."""

    CAT = "cat"
    BIRDS = "birds"
    BOAT = "boat"
    BALLOON = "balloon"
    HOUSE = "house"
    CASTLE = "castle"
    LIGHTHOUSE = "lighthouse"
    MOON = "moon"
    STARS = "stars"


@dataclass(frozen=True, slots=True, kw_only=True)
class Idea:
    """A prompt as the painter understood it."""

    motif: Motif
    light: Light
    weather: Weather | None
    things: frozenset[Thing]
    tints: tuple[Colour, ...]


_Meaning = TypeVar("_Meaning")


def _book(pages: Mapping[_Meaning, str]) -> dict[str, _Meaning]:
    return {word: meaning for meaning, words in pages.items() for word in words.split()}


_MOTIFS: Final = _book(
    {
        Motif.HILLS: """hill hills meadow field fields valley countryside landscape grass grassland farm village cottage
            house garden castle balloon horse sheep cow windmill vineyard road path""",
        Motif.MOUNTAINS: """mountain mountains peak peaks alps summit cliff cliffs glacier canyon volcano rocks fjord
            dragon""",
        Motif.SEA: """sea ocean lake beach coast shore wave waves water harbour harbor island boat ship sail sailing
            lighthouse river pond surf whale fish bay pier""",
        Motif.FOREST: """forest woods wood tree trees jungle rainforest pine pines birch fox deer wolf owl bear
            mushroom""",
        Motif.CITY: """city cityscape town street streets skyline skyscraper cyberpunk tokyo paris london berlin york
            metropolis downtown building buildings rooftop roof neon traffic bridge architecture urban cafe market""",
        Motif.DESERT: "desert dune dunes sand sahara oasis cactus camel mars egypt pyramid",
        Motif.SPACE: "space galaxy planet planets cosmos universe nebula rocket astronaut spaceship alien orbit comet",
        Motif.PORTRAIT: """portrait face woman man girl boy person people model queen king warrior wizard knight
            princess character hero selfie human lady gentleman child headshot monk samurai witch robot""",
        Motif.FLOWERS: """flower flowers rose roses tulip tulips sunflower sunflowers poppy poppies bouquet blossom
            bloom lavender daisy daisies lily peony vase""",
        Motif.ABSTRACT: "abstract geometric geometry pattern shapes bauhaus cubist cubism mondrian kandinsky logo icon",
    }
)
_LIGHTS: Final = _book(
    {
        Light.DAWN: "dawn sunrise morning misty pastel soft spring serene gentle early",
        Light.DAY: "day noon bright sunny summer clear daylight midday afternoon",
        Light.SUNSET: "sunset dusk evening golden autumn fall warm twilight fire burning lava sundown",
        Light.NIGHT: """night midnight moon moonlight moonlit stars starry dark neon cyberpunk galaxy space aurora
            halloween nocturnal lantern fireflies glowing""",
    }
)
_WEATHERS: Final = _book(
    {
        Weather.RAIN: "rain rainy raining storm stormy wet thunderstorm drizzle",
        Weather.SNOW: "snow snowy snowing winter blizzard ice icy frost christmas frozen arctic",
        Weather.FOG: "fog foggy mist misty haze hazy smoke smoky",
    }
)
_THINGS: Final = _book(
    {
        Thing.CAT: "cat cats kitten kitty tabby feline",
        Thing.BIRDS: "bird birds gull gulls seagull crow crows geese swallow swallows eagle raven flock",
        Thing.BOAT: "boat boats ship ships sail sailing sailboat yacht pirate",
        Thing.BALLOON: "balloon balloons airship zeppelin",
        Thing.HOUSE: "house home cottage cabin hut farm village barn",
        Thing.CASTLE: "castle fortress palace knight king queen princess fairytale dragon medieval",
        Thing.LIGHTHOUSE: "lighthouse beacon",
        Thing.MOON: "moon moonlight moonlit lunar werewolf",
        Thing.STARS: "star stars starry constellation milky",
    }
)
_TINTS: Final = _book(
    {
        parse("#c8342f"): "red scarlet",
        parse("#a51e36"): "crimson blood",
        parse("#ee7f2d"): "orange autumn",
        parse("#e3a72f"): "gold golden",
        parse("#f2c53d"): "yellow",
        parse("#3f8f4f"): "green",
        parse("#1f8a5f"): "emerald",
        parse("#7f8a3a"): "olive",
        parse("#8fd3b6"): "mint",
        parse("#1f8a8a"): "teal",
        parse("#39b7d0"): "cyan turquoise",
        parse("#2f66b8"): "blue",
        parse("#1f2f6b"): "navy",
        parse("#3f8fe0"): "azure",
        parse("#7a3fa0"): "purple violet",
        parse("#46369a"): "indigo",
        parse("#a98fd6"): "lavender",
        parse("#e9829f"): "pink",
        parse("#d0379f"): "magenta neon cyberpunk",
        parse("#8f6a45"): "brown sepia copper",
        parse("#e0502a"): "lava",
        parse("#a9d3e6"): "ice",
    }
)
_WITHOUT_WORDS: Final = (Motif.ABSTRACT, Motif.ABSTRACT, Motif.HILLS, Motif.MOUNTAINS, Motif.SEA)


def read(prompt: str, rng: random.Random) -> Idea:
    """What a prompt is about: the first place it names, hills only for want of another; else the seed decides."""
    words = _words(prompt)
    motifs = [_MOTIFS[word] for word in words if word in _MOTIFS]
    lights = [_LIGHTS[word] for word in words if word in _LIGHTS]
    weathers = [_WEATHERS[word] for word in words if word in _WEATHERS]
    things = frozenset(_THINGS[word] for word in words if word in _THINGS)
    drawn_motif = Motif.HILLS if things else rng.choice(_WITHOUT_WORDS)
    drawn_light = rng.choice(list(Light))
    motif = next((motif for motif in motifs if motif is not Motif.HILLS), motifs[0] if motifs else drawn_motif)
    light = lights[0] if lights else drawn_light
    return Idea(
        motif=motif,
        light=Light.NIGHT if motif is Motif.SPACE else light,
        weather=weathers[0] if weathers else None,
        things=things,
        tints=tuple(dict.fromkeys(_TINTS[word] for word in words if word in _TINTS))[:3],
    )


def _words(prompt: str) -> list[str]:
    return re.findall(r"(?<!@)\b[a-z]+", prompt.casefold())
