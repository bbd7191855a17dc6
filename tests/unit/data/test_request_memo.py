"""A page reads once what its parts ask for; whoever else asks reads anew each time."""

from __future__ import annotations

from tests.houses import Browser, house
from vigie.data.request_memo import NO_MEMO
from vigie.views.web.app import WebApp


def test_a_request_reads_once_by_key_and_nobody_else_keeps_anything():
    read: list[str] = []

    def ask(memo, key):
        return memo.once(key, lambda: read.append(key) or len(read))

    assert [ask(NO_MEMO, "a"), ask(NO_MEMO, "a")] == [1, 2]
    of_request, of_other = NO_MEMO.for_request(), NO_MEMO.for_request()
    assert [ask(of_request, "a"), ask(of_request, "a"), ask(of_request, "b")] == [3, 3, 4]
    assert ask(of_other, "a") == 5
    assert ask(of_request.for_request(), "a") == 6
    assert read == ["a", "a", "a", "b", "a", "a"]


def test_a_value_that_is_none_is_read_once_too():
    read: list[None] = []
    memo = NO_MEMO.for_request()
    assert [memo.once("a", lambda: read.append(None)) for _ in range(2)] == [None, None]
    assert len(read) == 1


def test_each_page_that_reads_has_a_memo_of_its_own_and_a_form_has_none(tmp_path, monkeypatch):
    browser = Browser(house(tmp_path / "home", with_bars=False))
    memos = []
    make = WebApp.request_context

    def note(self, *asked):
        memos.append(make(self, *asked).app_context.memo)
        return make(self, *asked)

    monkeypatch.setattr(WebApp, "request_context", note)
    browser.get("/help")
    browser.get("/help")
    browser.post("/watchlists", {"name": "Mine"}, follow=False)
    first, second, of_form = memos
    assert len({id(memo) for memo in (first, second, NO_MEMO)}) == 3
    assert of_form is NO_MEMO
