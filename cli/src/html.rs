//! What the pages that nativize writes have in common: their style, and text from modules made harmless.

/// The style of all pages.
pub(crate) const STYLE: &str = "
:root{color-scheme:light dark;--fg:#1b1f24;--dim:#667085;--line:#d0d7de;--bg:#fff;--soft:#f3f5f8;--mark:#0072b2}
@media(prefers-color-scheme:dark){:root{--fg:#e6edf3;--dim:#8b949e;--line:#30363d;--bg:#0d1117;--soft:#161b22;--mark:#56b4e9}}
body{font:15px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:70rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.2rem}
p,small,.dim{color:var(--dim)}svg{width:100%;height:auto}svg text{fill:var(--fg);font-size:12px}
svg .dim{fill:var(--dim)}svg line{stroke:var(--line)}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;white-space:nowrap}
td,th{padding:.2rem .7rem;border-bottom:1px solid var(--line);text-align:right}td:first-child,th:first-child{text-align:left}
.key{display:inline-block;margin-right:1.2rem}.key i{display:inline-block;width:.8em;height:.8em;border-radius:50%;margin-right:.4em}";

/// Text for a place between tags or in quotes, in HTML and in XML. What XML has no characters for is replaced.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' => out.push(c),
            // Overrides of the direction of text would show another order than there is.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{fffe}' | '\u{ffff}' => {
                out.push('\u{fffd}');
            }
            _ if c.is_control() => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            escape("a<b>\"c\"&'d'\u{1b}[2J\u{202e}é\n"),
            "a&lt;b&gt;&quot;c&quot;&amp;&#39;d&#39;\u{fffd}[2J\u{fffd}é\n"
        );
    }
}
