//! What the page will load in any case, as a `Link` header: the browser asks for it before it
//! has read the page.
//!
//! Not here: 103 Early Hints. The server's library has no way to send one, and the page is in
//! memory: the hint would be the first line of the answer it hurries ahead of.

/// What a `Link` has to repeat of the element, lest the file be loaded twice.
const SAID: [&str; 5] = ["as", "type", "crossorigin", "integrity", "fetchpriority"];

/// The value of `Link`, unless there is nothing to load: preloads and module preloads that
/// stand in the head, and its scripts that are files of our own.
pub(super) fn links(page: &str) -> Option<String> {
    let (head, _) = page.split_once("</head>")?;
    let mut files = Vec::new();
    let mut links = Vec::new();
    for (file, link) in head
        .split('<')
        .filter_map(|element| link(element.split_once('>')?.0))
    {
        // A script may have a preload of its own.
        if !files.contains(&file) {
            files.push(file);
            links.push(link);
        }
    }
    (!links.is_empty()).then(|| links.join(", "))
}

/// The file that the element loads, and the link that says so.
fn link(element: &str) -> Option<(&str, String)> {
    let name = element.split_ascii_whitespace().next()?;
    let (file, relation, kind) = match name {
        "link" => {
            let relation = attribute(element, "rel")?;
            matches!(relation, "preload" | "modulepreload").then_some(())?;
            (attribute(element, "href")?, relation, None)
        }
        "script" if attribute(element, "type") == Some("module") => {
            (attribute(element, "src")?, "modulepreload", None)
        }
        "script" => (attribute(element, "src")?, "preload", Some("script")),
        _ => return None,
    };
    let is_ours = file.starts_with('/') && !file.starts_with("//");
    let mut link = is_ours.then(|| format!("<{file}>; rel={relation}"))?;
    if let Some(kind) = kind {
        link.push_str(&format!("; as={kind}"));
    }
    for name in SAID {
        match attribute(element, name) {
            // Of a script it would say that it is JavaScript, or a module.
            Some(_) if name == "type" && element.starts_with("script") => {}
            Some("") => link.push_str(&format!("; {name}")),
            Some(value) => link.push_str(&format!("; {name}=\"{value}\"")),
            None => {}
        }
    }
    Some((file, link))
}

/// An attribute's value, which is empty where it has none.
fn attribute<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let stands_alone = |at: usize| element[..at].ends_with(|c: char| c.is_ascii_whitespace());
    element.match_indices(name).find_map(|(at, _)| {
        let after = &element[at + name.len()..];
        let value = match after.strip_prefix("=\"") {
            Some(value) => value.split('"').next()?,
            None if after.is_empty() || after.starts_with([' ', '/', '\n']) => "",
            None => return None,
        };
        stands_alone(at).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_page_loads_is_said_as_the_page_says_it() {
        let page = r#"<html><head><link rel="icon" href="/icon.svg" /><style>a>b{}</style>
            <script src="https://gopay.example/sdk.js" async></script>
            <script src="/boot-01.js" integrity="sha384-a" crossorigin></script>
            <script type="module" src="/app-01.js"></script>
            <link rel="modulepreload" href="/app-02.js" crossorigin="anonymous"
              integrity="sha384-b">
            <link rel="preload" href="/app.wasm" crossorigin as="fetch" type="application/wasm"/>
            <link rel="preload" href="//elsewhere.example/a.js" as="script" />
            <script src="/app-02.js" type="module"></script>
            <script>if (1 < 2) {}</script>
            </head><body><script src="/late.js"></script></body></html>"#;
        assert_eq!(
            links(page).unwrap().split(", ").collect::<Vec<_>>(),
            [
                r#"</boot-01.js>; rel=preload; as=script; crossorigin; integrity="sha384-a""#,
                "</app-01.js>; rel=modulepreload",
                r#"</app-02.js>; rel=modulepreload; crossorigin="anonymous"; integrity="sha384-b""#,
                r#"</app.wasm>; rel=preload; as="fetch"; type="application/wasm"; crossorigin"#,
            ]
        );
    }

    #[test]
    fn a_page_that_loads_nothing_has_no_such_header() {
        assert_eq!(links("<head><script>boot()</script></head>"), None);
    }
}
