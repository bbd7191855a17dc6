"""Planned texts reach the places they are about, in both languages, and nothing that is stored or read by programs."""

from __future__ import annotations

from textwrap import dedent

import pytest
from tools.texts.apply import apply, report
from tools.texts.catalogues import read_catalogue
from tools.texts.rows import Row

HEAD = 'msgid ""\nmsgstr ""\n"Language: fr\\n"\n'
WEB = "src/vigie/views/web"
PAGE = "views/web/pages/day/fr.po"


def po(*entries: str) -> str:
    return "\n\n".join([HEAD.strip(), *entries]) + "\n"


def entry(english: str, french: str) -> str:
    return f'msgid "{english}"\nmsgstr "{french}"'


FILES = {
    f"{WEB}/pages/day/fr.po": po(
        "# Beside the heading.\n" + entry("Rising most", "Hausses"),
        'msgid "%(num)s coin left"\nmsgid_plural "%(num)s coins left"\nmsgstr[0] "a"\nmsgstr[1] "b"',
        entry("Long sentence.", "Longue phrase."),
        entry("Most up", "Hausses"),
        entry("Stays", "Reste"),
        entry("Remains", "Encore"),
        entry("Go on", "Continuer"),
        entry("Widest gap", "Écart"),
        entry("Made of %(num)s items", "Fait de %(num)s articles"),
        entry("stale", "périmé"),
        entry("Column here", "Colonne ici"),
        entry("Best", "Meilleur"),
    ),
    f"{WEB}/pages/night/fr.po": po(entry("Shared text", "Texte"), entry("Fallen", "Tombé")),
    f"{WEB}/pages/other/fr.po": po(entry("Shared text", "Texte")),
    f"{WEB}/pages/day/page.html": """
        {% set x -%}  {{ _(
            "Rising "
            "most") }}
        {{ ngettext("%(num)s coin left", "%(num)s coins left", n) }} {{ 'Rising most' }} class="Rising most"
        {{ ui.field("a", _("Widest gap")) }} {{ _('Go on' if x else "Long sentence.") }}
        {% trans num=n %}
          Made of {{ num }} items
        {% endtrans %} {{ _("stale") }} {{ _("Best") }} {{ _("Most up") }} {{ _("Remains") }}
        """,
    f"{WEB}/pages/night/page.html": '{{ _("Go on") }} {{ _("Shared text") }} {{ _("Fallen") }}',
    f"{WEB}/templates/components.html": '{% macro field(name, label, hint="") %}{% endmacro %}',
    f"{WEB}/pages/day/page.py": """
        STATES = {"up": "Rising most"}
        def show(visit):
            return visit.text("Long "
                              "sentence.")
        """,
    "src/vigie/services/desk/rows.py": 'COLUMNS = (Column("a", "Column here"),)\n',
    "src/vigie/services/desk/state.py": 'STATE = "stale"\n',
    f"{WEB}/locales/refusals.fr.toml": """
        [sentences]
        # Kept.
        "{path} cannot be read ({error}); delete it" = "illisible"
        "must be a number, was {given}" = "doit"
        "nobody raises this sentence" = "rien"
        [fields]
        quiet = "Rising most"
        """,
    "src/vigie/data/read.py": """
        def read(file, fault):
            raise DataError(
                f"{file.name!r} cannot be read "
                f"({fault}); delete it"
            )
        def number(name, given):
            raise UsageError(f"{name}: must be a number, was {given:.2f}")
        """,
    "src/vigie/views/cli/run.py": '''
        def run(seed: int = Option(1, help="Seed of a new world.")):
            """Say what is there.

            Of two folders: settings, data, figures, and every
            trade. Of any two: the gap.
            """
            print(f"in {seed + 1} of {name}: kept")
        ''',
    "src/vigie/services/words.py": """
        WORDS = {"en": {"by": "By what was seen"}, "fr": {"by": "Par"}}
        SAID = {"gone": ("{name} left", "{name} part")}
        """,
    "src/vigie/market/words.en.toml": '[a]\njoin = ", "\n[a.words]\nup = "rising"\n',
    "src/vigie/market/words.fr.toml": '[a]\njoin = ", "\n[a.words]\nup = "monte"\n',
    "src/vigie/market/dates.csv": '# Known.\nday,en,fr\n1,"Old, one",Ancien\n2,b,c\n',
    "frontend/src/texts.ts": 'const ENGLISH = {\n  copy: "Copy the link",\n};\n'
    "const FRENCH = {\n  copy: 'Copier l\\'adresse',\n};\n",
    "tests/unit/test_day.py": 'assert "Rising most" in page\nassert "<h2>Rising most</h2>" and "Best"\n',
    "tests/unit/test_else.py": 'assert "Best"\nassert "x.csv cannot be read (gone); delete it" in text\n',
    "tests/unit/test_tool.py": 'import tools.texts\nassert "Rising most" in page\n',
    "docs/day.md": "The card **Rising most** and `Rising most` here; Rising most. The Best.\n",
    "CHANGELOG.md": "**Rising most**\n",
}
ROWS = (
    (PAGE, "heading", "Rising most", "Top gainers", "Plus fortes hausses"),
    (PAGE, "status", "%(num)s coin left ||| %(num)s coins left", "%(num)s coin ||| %(num)s coins", "c ||| d"),
    (PAGE, "sentence", "Long sentence.", "Short.", "Court."),
    (PAGE, "button", "Go on", "Continue", "Continuer"),
    ("views/web/pages/night/page.html:1 (msgid of day)", "button", "Go on", "Resume", "Reprendre"),
    (PAGE, "label", "Widest gap", "Spread", "Spread", "Ask less bid.", "Vente moins achat."),
    (PAGE, "sentence", "Made of %(num)s items", "From %(num)s items", "De %(num)s actualités"),
    (PAGE, "status", "stale", "outdated", "pas à jour"),
    (PAGE, "column", "Column here", "Column", "Colonne"),
    (PAGE, "label", "Best", "MFE", "MFE"),
    (PAGE, "label", "Most up", "Stays", "Autre"),
    (PAGE, "label", "Remains", "Stays", "Reste"),
    ("views/web/pages/night/fr.po", "label", "Shared text", "Both", "Les deux"),
    ("views/web/pages/night/fr.po", "label", "Fallen", "Fallen", "Chuté"),
    ("refusals:{path} cannot be read", "refusal", "{path} cannot be read ({error}); delete it",
     "cannot read {path}: delete it ({error})", "lecture de {path} impossible ({error})"),
    ("refusals:must be a number", "refusal",
     "must be a number, was {given}", "must be a number, got {given}", "{given} ?"),
    ("refusals:nobody", "refusal", "nobody raises this sentence", "nobody", "personne"),
    ("views/cli/run.py", "command", "Seed of a new world.", "Random seed.", ""),
    ("views/cli/run.py", "command", "Of two folders: settings, data, figures, and every trade.", "For two: all.", ""),
    ("views/cli/run.py", "command", "Of any two: the gap.", "For any two: the difference.", ""),
    ("views/cli/run.py", "command", "in {seed + 1} of {name}: kept", "{name}: saved in {seed + 1}", ""),
    ("services/words.py:by", "mail", "By what was seen", "Because of", "À cause de"),
    ("services/words.py:gone", "mail", "{name} left", "{name} is gone", "{name} n’y est plus"),
    ("services/desk/rows.py:a", "column", "Column here", "Column", "Colonne"),
    ("market/words.toml:a.words.up", "status", "rising", "uptrend", "hausse"),
    ("market/dates.csv:en, fr", "label", "Old, one", "New, one", "Neuf, un"),
    ("frontend/src/texts.ts", "button", "Copy the link", "Copy link", "Copier le lien"),
    ("services/words.py", "mail", "{name} left", "{who} left", ""),
)  # fmt: skip


@pytest.fixture(scope="module")
def applied(tmp_path_factory):
    root = tmp_path_factory.mktemp("planned")
    for path, text in FILES.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    tree, decided = apply(root, [Row(*row, at=f"t:{number}") for number, row in enumerate(ROWS)])
    tree.write()
    report(root, decided)
    return root, decided


def text(applied, path: str) -> str:
    return (applied[0] / path).read_text(encoding="utf-8")


def reasons(applied) -> dict[str, str]:
    return {f"{row.catalogue.split('/')[-2:][0]} {row.old}": reason for row, reason, _ in applied[1].refused}


def test_a_catalogue_keeps_its_order_and_comments(applied):
    said = read_catalogue("day", text(applied, f"{WEB}/pages/day/fr.po"))
    assert [one.english for one in said.entries][:3] == [
        "Top gainers",
        "%(num)s coin ||| %(num)s coins",
        "Short.",
    ]
    assert said.entries[0].comments == ["# Beside the heading."]
    assert said.french()["%(num)s coin ||| %(num)s coins"] == "c ||| d"
    assert [one.english for one in said.entries].count("Stays") == 1
    assert "Remains" not in said.french()
    assert said.french()["Ask less bid."] == "Vente moins achat."


def test_a_template_is_changed_where_it_asks_across_lines_and_in_choices(applied):
    page = text(applied, f"{WEB}/pages/day/page.html")
    assert '_(\n    "Top gainers")' in page
    assert 'ngettext("%(num)s coin", "%(num)s coins", n)' in page
    assert "_('Continue' if x else \"Short.\")" in page
    assert "From {{ num }} items\n{% endtrans %}" in page
    assert "{{ 'Top gainers' }} class=\"Rising most\"" in page
    assert '_("Spread"), hint=_("Ask less bid."))' in page


def test_python_is_changed_where_adjacent_literals_are_one_text(applied):
    page = text(applied, f"{WEB}/pages/day/page.py")
    assert 'visit.text("Short.")' in page
    assert '{"up": "Top gainers"}' in page
    assert 'quiet = "Top gainers"' in text(applied, f"{WEB}/locales/refusals.fr.toml")


def test_a_page_that_borrows_a_text_gets_its_own(applied):
    assert '_("Resume")' in text(applied, f"{WEB}/pages/night/page.html")
    assert read_catalogue("", text(applied, f"{WEB}/pages/night/fr.po")).french()["Resume"] == "Reprendre"


def test_french_alone_changes_where_english_stays(applied):
    assert read_catalogue("", text(applied, f"{WEB}/pages/night/fr.po")).french()["Fallen"] == "Chuté"


def test_refusals_change_where_they_are_raised_with_their_values(applied):
    code = text(applied, "src/vigie/data/read.py")
    assert 'f"cannot read {file.name!r}: delete it ({fault})"' in code
    assert 'f"{name}: must be a number, got {given:.2f}"' in code
    said = text(applied, f"{WEB}/locales/refusals.fr.toml")
    assert (
        '# Kept.\n"cannot read {path}: delete it ({error})" = "lecture de {path} impossible ({error})"'
        in said
    )
    assert '"cannot read x.csv: delete it (gone)"' in text(applied, "tests/unit/test_else.py")


def test_the_command_line_changes_in_help_docstrings_and_what_is_printed(applied):
    code = text(applied, "src/vigie/views/cli/run.py")
    assert 'help="Random seed."' in code
    assert '    For two: all. For any two: the difference.\n    """' in code
    assert 'print(f"{name}: saved in {seed + 1}")' in code


def test_tables_with_their_french_beside_them_change_in_both_languages(applied):
    words = text(applied, "src/vigie/services/words.py")
    assert '{"en": {"by": "Because of"}, "fr": {"by": "À cause de"}}' in words
    assert '("{name} is gone", "{name} n’y est plus")' in words
    assert 'join = ", "\n[a.words]\nup = "uptrend"\n' in text(applied, "src/vigie/market/words.en.toml")
    assert 'up = "hausse"' in text(applied, "src/vigie/market/words.fr.toml")
    assert (
        text(applied, "src/vigie/market/dates.csv") == '# Known.\nday,en,fr\n1,"New, one","Neuf, un"\n2,b,c\n'
    )
    assert 'copy: "Copy link"' in text(applied, "frontend/src/texts.ts")
    assert 'copy: "Copier le lien"' in text(applied, "frontend/src/texts.ts")


def test_tests_and_documents_that_quote_a_text_are_changed(applied):
    own = text(applied, "tests/unit/test_day.py")
    assert own == 'assert "Top gainers" in page\nassert "<h2>Top gainers</h2>" and "MFE"\n'
    assert 'assert "Best"' in text(applied, "tests/unit/test_else.py")
    assert text(applied, "docs/day.md").startswith(
        "The card **Top gainers** and `Top gainers` here; Rising most."
    )
    assert "Rising most" in text(applied, "tests/unit/test_tool.py")
    assert text(applied, "CHANGELOG.md") == FILES["CHANGELOG.md"]
    look = text(applied, "build/texts-look.tsv")
    assert "one word\ttests/unit/test_else.py:1\tBest\tMFE" in look
    assert "quoted in part\tdocs/day.md:1\tRising most" in look


def test_what_is_stored_unclear_or_nowhere_is_refused(applied):
    assert reasons(applied) == {
        "day stale": "stands outside the pages: stored or goes out as JSON",
        "day Column here": "goes out as JSON: title or definition of a column",
        "desk Column here": "stored or goes out as JSON",
        "day Most up": "two texts become one, with another French",
        "night Shared text": "another catalogue has it and no row",
        "refusals:nobody nobody raises this sentence": "not found where it is raised",
        "services {name} left": "other places for values",
    }
    assert len(text(applied, "build/texts-refused.tsv").splitlines()) == len(reasons(applied)) + 1
