//! Writes the shop's identity into the sources.

use super::identity::Identity;
use super::palette::{Palette, Theme};

const COLOURS_BEGIN: &str = "/* From shop.toml. */";
const COLOURS_END: &str = "/* Until here. */";

/// The attribute of an element of the page that is written.
const ATTRIBUTE: &str = "data-shop=\"";

/// The Rust source with its words.
pub(super) fn words(shop: &Identity) -> String {
    let mut source =
        "//! Whose shop it is. Written by `cargo xtask shop`: change `shop.toml`.\n\n".to_owned();
    source.push_str(&format!("pub const NAME: &str = {:?};\n", shop.name));
    for (name, text) in [
        ("TITLE", &shop.title),
        ("TAGLINE", &shop.tagline),
        ("TERMS", &shop.terms),
        ("CONTACT", &shop.contact),
    ] {
        for (language, text) in [("ID", &text.id), ("EN", &text.en)] {
            source.push_str(&format!(
                "pub(super) const {name}_{language}: &str = {text:?};\n"
            ));
        }
    }
    let tables: Vec<&str> = shop.tables.iter().map(String::as_str).collect();
    source.push_str(&format!("pub const TABLES: &[&str] = &{tables:?};\n"));
    source
}

/// The page, in which each element with `data-shop` says what that names: a `<meta>` in its
/// `content`, any other in its text. `Err` says what the page lacks.
pub(super) fn page(page: &str, shop: &Identity) -> Result<String, String> {
    let paper = |theme| Palette::of(shop.accent, theme).paper.to_string();
    let values = [
        ("name", shop.name.clone()),
        ("title", shop.title.id.clone()),
        ("tagline", shop.tagline.id.clone()),
        ("paper-light", paper(Theme::Light)),
        ("paper-dark", paper(Theme::Dark)),
    ];
    for (key, _) in &values {
        if !page.contains(&format!("{ATTRIBUTE}{key}\"")) {
            return Err(format!("an element with {ATTRIBUTE}{key}\""));
        }
    }
    let mut pieces = page.split(ATTRIBUTE);
    let mut written = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_meta = written
            .rsplit('<')
            .next()
            .is_some_and(|it| it.starts_with("meta"));
        let (key, after) = piece.split_once('"').unwrap_or((piece, ""));
        let (_, value) = (values.iter().find(|(name, _)| *name == key))
            .ok_or_else(|| format!("no {ATTRIBUTE}{key}\", which shop.toml does not say"))?;
        let (begin, end) = if is_meta {
            ("content=\"", '"')
        } else {
            (">", '<')
        };
        let (before, old) = (after.split_once(begin))
            .ok_or_else(|| format!("{begin} behind {ATTRIBUTE}{key}\""))?;
        let (_, rest) =
            (old.split_once(end)).ok_or_else(|| format!("{end} behind {ATTRIBUTE}{key}\""))?;
        written.extend([ATTRIBUTE, key, "\"", before, begin, &escaped(value)]);
        written.push(end);
        written.push_str(rest);
    }
    Ok(written)
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

/// The CSS with the colours of both themes, light first. `Err` says what it lacks.
pub(super) fn style(style: &str, shop: &Identity) -> Result<String, String> {
    let mut written = String::new();
    let mut rest = style;
    for theme in [Theme::Light, Theme::Dark] {
        let lacks = |mark| format!("{mark} in the tokens of its {theme:?} theme");
        let (before, after) = rest
            .split_once(COLOURS_BEGIN)
            .ok_or_else(|| lacks(COLOURS_BEGIN))?;
        let (_, after) = after
            .split_once(COLOURS_END)
            .ok_or_else(|| lacks(COLOURS_END))?;
        let indent = before.rsplit('\n').next().unwrap_or_default();
        written.extend([before, COLOURS_BEGIN, "\n"]);
        for (name, colour) in Palette::of(shop.accent, theme).tokens() {
            written.push_str(&format!("{indent}--{name}: {colour};\n"));
        }
        written.extend([indent, COLOURS_END]);
        rest = after;
    }
    Ok(written + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> Identity {
        let text = test_kit::SHOP.replacen("\"Kedai Senja\"", r#""Kopi \"<&>\" \\o/""#, 1);
        Identity::parse(&text).unwrap()
    }

    #[test]
    fn a_name_is_quoted_as_rust_and_html_do() {
        let words = words(&shop());
        assert!(
            words.contains(r#"pub const NAME: &str = "Kopi \"<&>\" \\o/";"#),
            "{words}"
        );
        let page = page(include_str!("../../../../index.html"), &shop()).unwrap();
        assert!(
            page.contains("<title data-shop=\"name\">Kopi &quot;&lt;&amp;&gt;&quot; \\o/</title>")
        );
        assert!(!page.contains("Kedai Senja"), "{page}");
        assert!(page.contains("Mau pesan apa?") && page.contains("#fffaf5"));
    }

    #[test]
    fn a_second_write_changes_nothing() {
        let once = page(include_str!("../../../../index.html"), &shop()).unwrap();
        assert_eq!(page(&once, &shop()).unwrap(), once);
        let once = style(include_str!("../../../../style/tokens.css"), &shop()).unwrap();
        assert_eq!(style(&once, &shop()).unwrap(), once);
    }

    #[test]
    fn a_place_that_is_gone_is_missed() {
        let source = include_str!("../../../../index.html");
        let lacks =
            |from: &str, to: &str| page(&source.replacen(from, to, 1), &shop()).unwrap_err();
        assert!(lacks("data-shop=\"title\"", "").contains("data-shop=\"title\""));
        assert!(lacks("data-shop=\"title\"", "data-shop=\"titel\"").contains("title"));
        assert!(lacks("<h1 data-shop", "<h1 data-shop=\"slogan\" data-shop").contains("slogan"));
        let css = include_str!("../../../../style/tokens.css").replacen(COLOURS_END, "", 2);
        assert!(style(&css, &shop()).unwrap_err().contains("Light"));
    }
}
