"""Social cards: they hold any title in any script, and say the same for the same model."""

import io
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from registry.cards import Card, authors_words, card_png, drawable

CARD = Card(
    title="Flow-based sampling of φ⁴ theory",
    name="lattice-phi4",
    authors=("Ada Lovelace", "Emmy Noether"),
    words="reproduced · 2026-11-22",
    rungs=5,
    rungs_most=6,
    colour="1a7f37",
    above="ada/lattice-phi4 · model 12",
)
TITLES = {
    "long": "A long title of many words " * 12,
    "one-word": "W" * 300,
    "cyrillic": "Моделирование решёточной теории поля методом Монте-Карло",
    "arabic": "نمذجة نظرية الحقول على الشبكة",
    "hebrew": "סימולציה של תורת שדות",
    "chinese": "格子場の理論のサンプリング" * 6,
    "empty": "",
    "controls": "a\x00b\x1b[31m\u202ec\n\nd",
}


def drawn(card):
    return Image.open(io.BytesIO(card_png(card)))


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_card_holds_any_title(title):
    picture = drawn(replace(CARD, title=title))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    margin = picture.convert("RGB").crop((1140, 14, 1200, 630))
    assert len(margin.getcolors()) == 1


def test_a_script_that_the_font_lacks_gives_way_to_the_models_name():
    assert drawable("格子場") == ""
    assert drawable("φ⁴ 🚀 theory") == "φ⁴ theory"
    unknown = replace(CARD, title="格子場の理論")
    assert card_png(unknown) == card_png(replace(unknown, title="lattice-phi4"))


def test_the_rungs_that_were_reached_are_filled():
    def filled(rungs):
        picture = drawn(replace(CARD, rungs=rungs)).convert("RGB")
        row = [picture.getpixel((72 + 17 + 44 * rung, 550)) for rung in range(6)]
        return sum(colour == (0x1A, 0x7F, 0x37) for colour in row)

    assert [filled(rungs) for rungs in range(7)] == list(range(7))


def test_the_digest_changes_with_what_is_said_and_with_nothing_else():
    assert replace(CARD).digest == CARD.digest
    assert len({CARD.digest, *(replace(CARD, rungs=n).digest for n in range(5))}) == 6


def test_of_many_authors_the_first_are_named():
    assert authors_words(["A", "B"]) == "A, B"
    assert authors_words([str(n) for n in range(500)]) == "0, 1, 2, 3 and 496 more"


@settings(max_examples=15, deadline=None)
@given(title=st.text(max_size=80), author=st.text(max_size=40))
def test_no_text_keeps_a_card_from_being_drawn(title, author):
    assert drawn(replace(CARD, title=title, authors=(author,))).size == (1200, 630)


def test_drawing_does_not_import_matplotlib():
    program = (
        "import sys; from registry.cards import Card, card_png; card_png(Card(title='x'));"
        "print('matplotlib' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
