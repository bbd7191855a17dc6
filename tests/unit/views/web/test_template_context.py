"""Templates call what they call as Jinja's own context would."""

from __future__ import annotations

import pytest
from jinja2 import pass_context, pass_eval_context
from jinja2.runtime import Context, EvalContext

from vigie.views.web.rendering import environment

CALLS = """
{% macro cell(text, kind="") %}
<b class="{{ kind }}">{{ text }}{{ kwargs.get("note") }}{{ caller() if caller is defined }}</b>
{% endmacro %}
{% for name in ("a", "<b>") %}
{% set here = name %}
{{ cell(name) }}{{ cell(name, kind="x", note="&") }}{% call cell(name) %}{{ plain(name) }}{% endcall %}
{{ loop_name(name) }}{{ escapes() }}{{ plain(name) }}{{ name.upper() }}{{ range(3) | list }}
{{ dict(a=name) }}{{ ngettext("%(num)s row", "%(num)s rows", 2) }}{{ _("Markets") }}
{% endfor %}
"""


class _JinjaContext(Context):
    """Jinja's own."""


def _drawn(monkeypatch: pytest.MonkeyPatch, kind: type[Context]) -> str:
    @pass_context
    def loop_name(context: Context, name: str) -> str:
        return f"{context['here']}/{name}"

    @pass_eval_context
    def escapes(eval_context: EvalContext) -> str:
        return str(eval_context.autoescape)

    def plain(name: str) -> str:
        return f"<{name}>"

    env = environment("en")
    monkeypatch.setattr(env, "context_class", kind)
    return env.from_string(CALLS).render(loop_name=loop_name, escapes=escapes, plain=plain)


def test_calls_are_as_jinjas(monkeypatch: pytest.MonkeyPatch) -> None:
    own = environment("en").context_class
    assert own is not Context
    drawn = _drawn(monkeypatch, own)
    assert "&lt;b&gt;/&lt;b&gt;" in drawn
    assert "True&lt;a&gt;A[0, 1, 2]" in drawn
    assert "2 rowsMarkets" in drawn
    assert drawn == _drawn(monkeypatch, _JinjaContext)
