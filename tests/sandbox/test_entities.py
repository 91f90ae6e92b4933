"""The sandbox reads formatting as Telegram does, its errors included."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.entities import (
    AUTOMATIC,
    QUOTES,
    EntityError,
    auto_entities,
    checked_link,
    parse_html,
    tidy,
    to_html,
    units,
)


def entity(kind: str, offset: int, length: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("plain", "plain", []),
        ("<b>a</b> <strong>b</strong>", "a b", [entity("bold", 0, 1), entity("bold", 2, 1)]),
        ("<i>a</i><em>b</em>", "ab", [entity("italic", 0, 2)]),
        (
            "<u>a</u> <ins>b</ins>c<s>d</s>",
            "a bcd",
            [entity("underline", 0, 1), entity("underline", 2, 1), entity("strikethrough", 4, 1)],
        ),
        (
            "<strike>a</strike> <del>b</del>",
            "a b",
            [entity("strikethrough", 0, 1), entity("strikethrough", 2, 1)],
        ),
        (
            '<tg-spoiler>a</tg-spoiler> <span class="tg-spoiler">b</span>',
            "a b",
            [entity("spoiler", 0, 1), entity("spoiler", 2, 1)],
        ),
        ("😀<b>é😀</b>", "😀é😀", [entity("bold", 2, 3)]),
        ("<b>bold <i>both</i></b>", "bold both", [entity("bold", 0, 9), entity("italic", 5, 4)]),
        ("<code>a &lt; b</code>", "a < b", [entity("code", 0, 5)]),
        ("<pre>x</pre>", "x", [entity("pre", 0, 1)]),
        (
            '<pre><code class="language-python">x</code></pre>',
            "x",
            [entity("pre", 0, 1, language="python")],
        ),
        (
            '<a href="https://example.org/a?b=1&amp;c">x</a>',
            "x",
            [entity("text_link", 0, 1, url="https://example.org/a?b=1&c")],
        ),
        ("<a>example.org</a>", "example.org", [entity("text_link", 0, 11, url="http://example.org/")]),
        (
            '<a href="tg://user?id=7">Jo</a>',
            "Jo",
            [entity("text_mention", 0, 2, user={"id": 7, "is_bot": False, "first_name": "7"})],
        ),
        ('<a href="mailto:x">x</a>', "x", []),
        ("<blockquote>q</blockquote>", "q", [entity("blockquote", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [entity("expandable_blockquote", 0, 1)]),
        ('<blockquote expandable="">q</blockquote>', "q", [entity("expandable_blockquote", 0, 1)]),
        (
            '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
            "👍",
            [entity("custom_emoji", 0, 2, custom_emoji_id="5368324170671202286")],
        ),
        (
            '<tg-time unix="1647531900" format="wDT">then</tg-time>',
            "then",
            [entity("date_time", 0, 4, unix_time=1647531900, date_time_format="wDT")],
        ),
        ("<B>a</b>", "a", [entity("bold", 0, 1)]),
        ("<b >a</b >", "a", [entity("bold", 0, 1)]),
        ("<b>a</>", "a", [entity("bold", 0, 1)]),
        ("<b></b>x", "x", []),
        ("<b> </b>x", "x", []),
        ("x<b> y</b>", "x y", [entity("bold", 2, 1)]),
        ("  <b>x</b>\n ", "x", [entity("bold", 0, 1)]),
        (
            "<b>a<code>b</code>c</b>",
            "abc",
            [entity("bold", 0, 1), entity("code", 1, 1), entity("bold", 2, 1)],
        ),
        ("<b><b>a</b>b</b>", "ab", [entity("bold", 0, 2)]),
        ("a\r\n<b>b</b>", "a\nb", [entity("bold", 2, 1)]),
        ("a\t\x01b", "a  b", []),
        ("&lt;&gt;&amp;&quot;&#33;&#x1F600;", '<>&"!😀', []),
        ("&nbsp;&apos;&copy;", "&nbsp;&apos;&copy;", []),
        ("a &lt b", "a < b", []),
        ("AT&T & co", "AT&T & co", []),
        ("5 > 4", "5 > 4", []),
        ("<b>see example.org</b>", "see example.org", [entity("bold", 0, 15), entity("url", 4, 11)]),
        ("<code>/start</code>", "/start", [entity("code", 0, 6)]),
    ],
)
def test_html_becomes_text_and_entities(html: str, text: str, entities: list[dict[str, Any]]) -> None:
    assert parse_html(html, auto=True) == (text, entities)


@pytest.mark.parametrize(
    ("html", "error"),
    [
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("éé <P>x", 'Unsupported start tag "p" at byte offset 5'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("<a href", 'Unclosed start tag "a" at byte offset 0'),
        ('<a href="x"', "Unclosed start tag at byte offset 0"),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ('<a ="x">y</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=x/>y</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ('<tg-emoji emoji-id="x">y</tg-emoji>', "Invalid custom emoji identifier specified"),
    ],
)
def test_what_telegram_refuses_is_refused_in_its_words(html: str, error: str) -> None:
    with pytest.raises(EntityError) as refused:
        parse_html(html)
    assert str(refused.value) == f"can't parse entities: {error}"


def test_half_a_character_is_refused() -> None:
    with pytest.raises(EntityError, match="must be encoded in UTF-8"):
        parse_html("\ud83d")


def test_somebody_telegram_does_not_know_is_not_mentioned() -> None:
    assert parse_html('<a href="tg://user?id=7">Jo</a>', users=lambda _: None) == ("Jo", [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("/start now", [("bot_command", "/start")]),
        ("/start@bln_bot x", [("bot_command", "/start@bln_bot")]),
        ("either/or 1/2", []),
        ("hello @anna_b, you", [("mention", "@anna_b")]),
        ("#care and #2 and #a2", [("hashtag", "#care"), ("hashtag", "#a2")]),
        ("see https://example.org/a_(b)?x=1.", [("url", "https://example.org/a_(b)?x=1")]),
        ("(www.example.org)", [("url", "www.example.org")]),
        ("t.me/bln_bot?start=p_1, yes", [("url", "t.me/bln_bot?start=p_1")]),
        ("write anna@example.org!", [("email", "anna@example.org")]),
        ("call +31 30 123 45 67", [("phone_number", "+31 30 123 45 67")]),
        ("costs $EUR", [("cashtag", "$EUR")]),
        ("It is 10.30 o'clock. And then", []),
        ("😀 /help", [("bot_command", "/help")]),
    ],
)
def test_plain_text_gets_its_entities(text: str, found: list[tuple[str, str]]) -> None:
    data = text.encode("utf-16-le")
    assert [
        (e["type"], data[e["offset"] * 2 : (e["offset"] + e["length"]) * 2].decode("utf-16-le"))
        for e in auto_entities(text)
    ] == found


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://t.me/x?start=1", "https://t.me/x?start=1"),
        ("example.org", "http://example.org/"),
        ("https://localhost/x", ""),
        ("javascript:alert(1)", ""),
        ("tg://resolve?domain=x", "tg://resolve?domain=x"),
        ("http://[", ""),
    ],
)
def test_only_real_addresses_become_links(url: str, kept: str) -> None:
    assert checked_link(url) == kept


def test_entities_of_the_caller_are_tidied_too() -> None:
    assert tidy(" ab ", [entity("bold", 0, 2), entity("bold", 2, 2)]) == ("ab", [entity("bold", 0, 2)])


TEXT = st.text(alphabet=st.sampled_from("ab <>&\"'/=#@.\n\r😀é"), max_size=12)
LEAF = TEXT.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
TAG = st.sampled_from(
    [
        ("<b>", "</b>"),
        ("<i>", "</i>"),
        ("<u>", "</u>"),
        ("<s>", "</s>"),
        ("<tg-spoiler>", "</tg-spoiler>"),
        ("<code>", "</code>"),
        ('<pre><code class="language-py">', "</code></pre>"),
        ("<blockquote>", "</blockquote>"),
        ("<blockquote expandable>", "</blockquote>"),
        ('<a href="https://example.org/?a=1&amp;b">', "</a>"),
        ('<a href="tg://user?id=5">', "</a>"),
        ('<tg-time unix="5" format="r">', "</tg-time>"),
    ]
)
HTML = st.recursive(
    LEAF,
    lambda inner: st.builds(
        lambda tag, parts: tag[0] + "".join(parts) + tag[1], TAG, st.lists(inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


@given(HTML)
def test_what_is_read_can_be_written_and_read_again(html: str) -> None:
    text, entities = parse_html(html)
    assert parse_html(to_html(text, entities)) == (text, entities)


@given(HTML)
def test_entities_lie_within_the_text_and_never_cross(html: str) -> None:
    text, entities = parse_html(html)
    ranges = [(e["offset"], e["offset"] + e["length"]) for e in entities]
    assert all(0 <= start < end <= units(text) for start, end in ranges)
    styles = ("bold", "italic", "underline", "strikethrough", "spoiler")
    solid = [
        (e["offset"], e["offset"] + e["length"]) for e in entities if e["type"] not in (*QUOTES, *styles)
    ]
    for index, (start, _) in enumerate(solid[1:]):
        assert start >= solid[index][1]


@given(st.text())
def test_escaped_text_arrives_as_it_was_written(text: str) -> None:
    escaped = to_html(text, [])
    assert parse_html(escaped)[0] == tidy(text, [])[0]


@given(st.text(alphabet=st.sampled_from("<>/abi ='\"&;#x1"), max_size=30))
def test_any_text_is_read_or_refused(html: str) -> None:
    try:
        text, entities = parse_html(html)
    except EntityError:
        return
    assert all(e["offset"] + e["length"] <= units(text) for e in entities)


@given(st.text())
def test_automatic_entities_do_not_overlap(text: str) -> None:
    end = 0
    for found in auto_entities(text):
        assert found["type"] in AUTOMATIC
        assert found["offset"] >= end
        end = found["offset"] + found["length"]
    assert end <= units(text)
