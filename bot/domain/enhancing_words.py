"""What the local enhancer knows: words that name a part of a picture, and phrases for those that are missing.

After the tips of the five services: style keywords, lighting, composition and mood words (Segmind's and WaveSpeedAI's
guides), and the examples they give for each kind of subject.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a good prompt says besides its subject, in the order in which it is added."""

    STYLE = "style"
    LIGHTING = "lighting"
    COMPOSITION = "composition"
    MOOD = "mood"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectWords:
    """A kind of subject: the words it is known by (alternatives of a pattern) and what suits it."""

    words: str
    phrases: Mapping[Part, tuple[str, ...]]


PARTS: Mapping[Part, str] = {
    Part.STYLE: (
        "style|styled|stylised|stylized|photo|photos|photograph|photography|photographic|photorealistic|realistic"
        "|realism|hyperrealistic|render|rendered|rendering|3d|cgi|illustration|illustrated|painting|painted|painterly"
        "|watercolou?r|oil|acrylic|gouache|pastel|sketch|sketched|drawing|drawn|ink|pencil|charcoal|comic|manga|anime"
        "|cartoon|cel shaded|pixel|low poly|voxel|vector|concept art|art|cyberpunk|steampunk|vaporwave|impressionist"
        "|impressionism|surreal|surrealist|surrealism|minimalist|baroque|art deco|art nouveau|cinematic|retro|vintage"
        "|noir|polaroid|claymation|origami|mosaic|woodcut|engraving|poster|logo"
    ),
    Part.LIGHTING: (
        "light|lights|lit|lighting|backlit|backlight|moonlit|sunlit|candlelit|moonlight|sunlight|daylight|candlelight"
        "|firelight|lamplight|starlight|twilight|dusk|dawn|sunset|sunrise|golden hour|blue hour|neon|shadow|shadows"
        "|glow|glowing|softbox|overcast|noon|night|midnight|dark|bright|sunny|sunbeam|sunbeams|chiaroscuro"
    ),
    Part.COMPOSITION: (
        "close up|closeup|macro|wide angle|wide shot|long shot|medium shot|full body|full length|full shot|headshot"
        "|bird's eye|top view|top down|overhead|aerial|panorama|panoramic|low angle|high angle|side view|front view"
        "|back view|from above|from below|from behind|symmetrical|symmetry|centred|centered|framed|framing|foreground"
        "|background|backdrop|composition|perspective|isometric|profile|rule of thirds|bokeh|depth of field|fisheye"
        "|view|silhouette|portrait"
    ),
    Part.MOOD: (
        "mood|moody|serene|dynamic|calm|peaceful|tranquil|gloomy|cheerful|joyful|happy|sad|melancholic|melancholy"
        "|eerie|spooky|dreamy|dramatic|epic|mysterious|romantic|cosy|cozy|whimsical|playful|tense|nostalgic|energetic"
        "|majestic|ominous|atmosphere|atmospheric|lonely|magical|hopeful|glowing|festive|elegant"
    ),
}
"""For each part, the words (casefolded, without hyphens; alternatives of a pattern) that a prompt names it with."""

SUBJECTS: tuple[SubjectWords, ...] = (
    SubjectWords(
        words="product|products|sneakers?|shoes?|bottle|perfume|wristwatch|packaging|headphones|handbag|mug",
        phrases={
            Part.STYLE: ("crisp product photograph", "photorealistic render"),
            Part.LIGHTING: ("soft studio lighting", "even softbox lighting"),
            Part.COMPOSITION: ("centred on a clean white background", "close-up on a plain background"),
            Part.MOOD: ("dynamic mood", "elegant mood"),
        },
    ),
    SubjectWords(
        words="swords?|shield|armou?r|runes?|potion|dragons?|dragonborn|wizard|witch|knight|elf|orc|monster|fantasy",
        phrases={
            Part.STYLE: ("detailed fantasy concept art", "painterly game art"),
            Part.LIGHTING: ("dramatic rim lighting", "glowing light from within"),
            Part.COMPOSITION: ("close-up of the details", "low-angle view"),
            Part.MOOD: ("epic mood", "mysterious mood"),
        },
    ),
    SubjectWords(
        words="rooms?|living room|kitchen|bedroom|bathroom|interior|apartment|loft|office|café|cafe|library",
        phrases={
            Part.STYLE: ("photorealistic interior render", "architectural photograph"),
            Part.LIGHTING: ("soft daylight from tall windows", "warm light of lamps"),
            Part.COMPOSITION: ("wide-angle view", "wide-angle view with a clear foreground"),
            Part.MOOD: ("calm mood", "cosy mood"),
        },
    ),
    SubjectWords(
        words="city|cityscape|skyline|streets?|skyscrapers?|downtown|alley|metropolis|robots?|spaceship|futuristic",
        phrases={
            Part.STYLE: ("cyberpunk style", "cinematic photograph"),
            Part.LIGHTING: ("bright neon accents", "blue-hour light"),
            Part.COMPOSITION: ("panoramic view", "low-angle view with depth"),
            Part.MOOD: ("dynamic mood", "mysterious mood"),
        },
    ),
    SubjectWords(
        words="wearing|wears|dress|outfit|clothes|clothing|coat|jacket|saree|fashion|man|woman|boy|girl|person|people"
        "|character|face|child|dancer|portrait",
        phrases={
            Part.STYLE: ("editorial photograph", "detailed character illustration"),
            Part.LIGHTING: ("soft natural light", "warm key light"),
            Part.COMPOSITION: ("medium shot with a soft background", "full-length view"),
            Part.MOOD: ("serene mood", "cheerful mood"),
        },
    ),
    SubjectWords(
        words="forest|rainforest|waterfall|mountains?|sea|ocean|lake|river|beach|coast|garden|desert|island|sky|field"
        "|meadow|jungle|valley|lighthouse|landscape",
        phrases={
            Part.STYLE: ("watercolor style", "photorealistic nature photograph"),
            Part.LIGHTING: ("golden-hour light", "soft morning light through mist"),
            Part.COMPOSITION: ("wide shot with depth", "panoramic view"),
            Part.MOOD: ("serene mood", "majestic mood"),
        },
    ),
)
"""Kinds of subjects, the most telling first."""

ANYTHING = SubjectWords(
    words="",
    phrases={
        Part.STYLE: ("watercolor style", "photorealistic render", "cinematic photograph", "detailed illustration"),
        Part.LIGHTING: ("soft morning light", "golden-hour light", "dramatic side lighting"),
        Part.COMPOSITION: ("wide shot", "close-up with a soft background", "rule-of-thirds composition"),
        Part.MOOD: ("serene mood", "dynamic mood", "dreamy mood"),
    },
)
"""What suits any subject."""
