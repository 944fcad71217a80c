//! Finds forms in a page and fills them in: just enough HTML for pages of ours, read without a library so that a test
//! sees what a browser without scripts sees.

/// A form as it would be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent.
    pub action: String,
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
    /// Names and values of its buttons: the one that is pressed goes along.
    pub buttons: Vec<(String, String)>,
}

impl Form {
    /// With another value in a field, or by the button with this value. A field that the form does not have is an error of
    /// the test.
    ///
    /// # Panics
    /// When the form has no such field.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let pair = (name.to_owned(), value.to_owned());
        if self.buttons.contains(&pair) {
            self.fields.push(pair);
            return self;
        }
        let Some(field) = self.fields.iter_mut().find(|(known, _)| known == name) else {
            panic!("the form {} has no field {name}: {:?}", self.action, self.fields);
        };
        value.clone_into(&mut field.1);
        self
    }

    /// With a field that nobody can see, as an attacker would add one.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of a field.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The body that a browser sends.
    #[must_use]
    pub fn encoded(&self) -> String {
        let pairs: Vec<String> = self
            .fields
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.join("&")
    }
}

/// Percent-encodes a text for a form or a query.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// What a page says, without its tags and scripts.
#[must_use]
pub fn text(html: &str) -> String {
    let mut said = String::new();
    for tag in all_tags(html) {
        if tag.name != "script" && tag.name != "title" {
            said.push_str(tag.text);
        }
    }
    decode(&said)
}

/// A tag with what follows it up to the next tag.
#[derive(Debug, Clone, Copy)]
pub struct Tag<'a> {
    /// Its name.
    pub name: &'a str,
    attributes: &'a str,
    text: &'a str,
}

impl<'a> Tag<'a> {
    /// The value of an attribute; empty when it has none.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<String> {
        let mut rest = self.attributes.trim_start();
        while !rest.is_empty() {
            let end = rest
                .find(|letter: char| letter == '=' || letter.is_whitespace())
                .unwrap_or(rest.len());
            let (found, after) = rest.split_at(end);
            let (value, after) = match after.strip_prefix("=\"") {
                Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
                None => ("", after.strip_prefix('=').unwrap_or(after)),
            };
            if found == name {
                return Some(decode(value));
            }
            rest = after.trim_start();
        }
        None
    }

    fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }
}

/// Every tag of a page, in order. `name` may be `/form`, for its end.
fn all_tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    for piece in html.split('<').skip(1) {
        let name_end = piece
            .find(|letter: char| letter == '>' || letter.is_whitespace())
            .unwrap_or(piece.len());
        let (name, rest) = piece.split_at(name_end);
        // A `>` within a quoted value does not end the tag.
        let mut quoted = false;
        let end = rest.find(|letter| {
            quoted ^= letter == '"';
            letter == '>' && !quoted
        });
        let (attributes, text) = end.map_or((rest, ""), |end| (&rest[..end], &rest[end + 1..]));
        tags.push(Tag { name, attributes, text });
    }
    tags
}

/// Every tag with this name.
#[must_use]
pub fn tags<'a>(html: &'a str, name: &str) -> Vec<Tag<'a>> {
    let mut tags = all_tags(html);
    tags.retain(|tag| tag.name == name);
    tags
}

/// The forms that are posted.
#[must_use]
pub fn find(html: &str) -> Vec<Form> {
    let mut forms = Vec::new();
    let mut form: Option<Form> = None;
    let mut select: Option<String> = None;
    for tag in all_tags(html) {
        match (tag.name, &mut form) {
            ("form", _)
                if tag
                    .attribute("method")
                    .is_some_and(|method| method.eq_ignore_ascii_case("post")) =>
            {
                let action = tag.attribute("action").unwrap_or_default();
                form = Some(Form {
                    action,
                    fields: Vec::new(),
                    buttons: Vec::new(),
                });
            }
            ("/form", _) => forms.extend(form.take()),
            ("input", Some(form)) => form.fields.extend(input(&tag)),
            ("button", Some(form)) => form.buttons.extend(tag.attribute("name").zip(tag.attribute("value"))),
            ("textarea", Some(form)) => form.fields.extend(tag.attribute("name").zip(Some(decode(tag.text)))),
            ("select", Some(_)) => select = tag.attribute("name"),
            ("option", Some(form)) => {
                let first = select.as_ref().is_some_and(|name| form.value(name).is_none());
                if let Some(name) = select.as_ref().filter(|_| first || tag.has("selected")) {
                    let value = tag.attribute("value").unwrap_or_default();
                    form.fields.retain(|(known, _)| known != name);
                    form.fields.push((name.clone(), value));
                }
            }
            ("/select", _) => select = None,
            _ => {}
        }
    }
    forms
}

fn input(tag: &Tag<'_>) -> Option<(String, String)> {
    let kind = tag.attribute("type").unwrap_or_default();
    if matches!(kind.as_str(), "checkbox" | "radio") && !tag.has("checked") || kind == "submit" {
        return None;
    }
    Some((tag.attribute("name")?, tag.attribute("value").unwrap_or_default()))
}

/// The characters behind the escapes that pages of ours use.
#[must_use]
pub fn decode(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let mut decoded = text.to_owned();
    for (escape, character) in named {
        decoded = decoded.replace(escape, character);
    }
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"<p>a</p><form class="form" method="post" action="/do/x/save"><input type="hidden" name="id" value="a&amp;b">
        <input name="on" type="checkbox" value="true" checked><input name="off" type="checkbox" value="true">
        <select name="way"><option value="a">A</option><option value="b" selected>B</option></select>
        <textarea name="note">x &gt; y</textarea><button name="do" value="it">Save</button></form>
        <form method="get" action="/search"><input name="q"></form>"#;

    #[test]
    fn a_form_is_sent_as_it_stands() {
        let forms = find(PAGE);
        assert_eq!(forms.len(), 1);
        assert_eq!(forms[0].encoded(), "id=a%26b&on=true&way=b&note=x%20%3E%20y");
        assert!(forms[0].clone().with("do", "it").encoded().ends_with("&do=it"));
        assert_eq!(forms[0].clone().with("way", "a").value("way"), Some("a"));
    }

    #[test]
    fn links_are_found() {
        let tags = tags("<a title=\"1 > 0\" href=\"/x?a=1&amp;b=2\">t</a>", "a");
        assert_eq!(tags[0].attribute("href").as_deref(), Some("/x?a=1&b=2"));
    }
}
