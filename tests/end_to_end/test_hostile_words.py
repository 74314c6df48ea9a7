"""Words that would ping, link, format or break a message stay words, wherever they come in."""

from __future__ import annotations

from pathlib import Path

from bot.playground.actors import Upload
from tests.support.bench import text_of
from tests.support.png import small_png
from tests.support.studio import closed, open_studio

WORDS = (
    "@everyone and @here, <@1> <@&2> <#3>, @\u200beveryone",
    "```\n@everyone [Free Nitro](https://evil.example) discord.gg/x",
    "# big\n-# small <t:0:R> </quota set:1> ||hidden|| **bold** `code`",
    "\u202ereversed \u2066hidden\u2069 👨‍👩‍👧‍👦 z̷̛͘a̸l̶g̵o̶",
    "\0 nothing \x07 and \x1b[31m controls",
)
NAMES = ("@everyone.png", "**bold**.png", "[a](https://evil.example).png", "``` @here.png")


async def test_hostile_words_stay_words(tmp_path: Path) -> None:
    async with open_studio(tmp_path, quota={"default": {"amount": 100, "queue": 100}}) as bench:
        for words in WORDS:
            answer = await bench.imagine(words, ratio="1:1")
            says = bench.says(answer)
            if "Nothing was charged" in says:
                assert bench.card(answer)["ephemeral"], "refused with a sentence"
                continue
            result = await bench.result_in_thread_of(answer)
            for message in (bench.card(answer), result):
                _, fence, inside = text_of(message).partition("```\n")
                block, end, rest = inside.partition("\n```")
                assert fence
                assert end
                assert "`" not in block
                assert "evil.example" not in rest
                assert not {"\0", "\x07", "\x1b", "\u202e", "\u2066"} & set(text_of(message))
                assert message.get("mentions", []) == []
                assert not message.get("mention_everyone")
                assert not message.get("embeds")
        for name in NAMES:
            answer = await bench.imagine("a cat", image1=Upload(name, b"words", "image/png"))
            says = await closed(bench, answer)
            assert "is not a picture. Send a PNG" in says
            assert not bench.card(answer).get("mention_everyone")
            assert bench.card(answer).get("mentions", []) == []
            assert "](https://evil.example" not in says
        answer = await bench.imagine(
            "a cat with @everyone", image1=Upload("everyone.png", small_png(64, 64), "image/png")
        )
        result = await bench.result_in_thread_of(answer)
        assert not result.get("mention_everyone")
