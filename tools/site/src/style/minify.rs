//! Takes out what a browser does not read: comments, and spaces that separate nothing.
//! Strings and addresses stay as they are; spaces that may mean something (`a b`, `1px + 2px`) stay one space.

use super::parse;

/// The shorter text. It comes out of `parse`, so every comment, string and address in it is closed.
pub fn minify(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    // Whether a space, or a comment, came since the last character that was kept.
    let (mut gap, mut comment) = (false, false);
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        let rest = &text[at..];
        let mut length = character.len_utf8();
        if rest.starts_with("/*") {
            at += parse::comment_length(rest).unwrap_or(length);
            comment = true;
            continue;
        }
        if character.is_ascii_whitespace() {
            at += length;
            gap = true;
            continue;
        }
        if matches!(character, '"' | '\'') {
            length = parse::string_length(rest).unwrap_or(length);
        } else if rest.starts_with("url(") {
            length = parse::address_length(rest).unwrap_or(length);
        }
        let touches = |character: char| matches!(character, '{' | '}' | ';' | ',');
        let after_mark = short.chars().next_back().is_none_or(touches);
        if !after_mark && !touches(character) {
            // A comment alone separates words without being a space: `a/**/.b` is `a.b`.
            short.push_str(if gap {
                " "
            } else if comment {
                "/**/"
            } else {
                ""
            });
        }
        if character == '}' && short.ends_with(';') {
            short.pop();
        }
        short.push_str(&rest[..length]);
        (gap, comment) = (false, false);
        at += length;
    }
    short
}

#[cfg(test)]
mod tests {
    use super::minify;

    #[test]
    fn only_what_means_nothing_goes() {
        let cases = [
            ("a  b {\n  color : red ;\n}\n", "a b{color : red}"),
            ("a:hover, a :focus { }", "a:hover,a :focus{}"),
            ("/* one */ a { x: 1px + 2px; } /* two */", "a{x: 1px + 2px}"),
            (
                "a::after { content: \" /* ; } \\\" \"; }",
                "a::after{content: \" /* ; } \\\" \"}",
            ),
            ("a{b: url( \"/x  y.svg\" )}", "a{b: url( \"/x  y.svg\" )}"),
            ("a { --empty: ; b: '文  字' }", "a{--empty:;b: '文  字'}"),
            ("a/* one */.b /* two */ c { }", "a/**/.b c{}"),
        ];
        for (long, short) in cases {
            assert_eq!(minify(long), short);
        }
    }
}
