//! Markdown as a tree of what may be shown, and nothing else: there is no variant for raw HTML, scripts or images.
//!
//! Built here from `pulldown-cmark`'s events; drawn in `super::view`. Plain data, so the rules are tested without a browser.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag};

use super::link;

/// One piece of a rendered answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Node {
    /// Words, shown as they are.
    Text(String),
    /// A line break that the author asked for.
    Break,
    /// A line across.
    Rule,
    /// Code within a sentence.
    Code(String),
    /// A block of code and the language it names.
    Block {
        /// The first word after the fence, often empty.
        language: String,
        /// The code, without its last line break.
        code: String,
    },
    /// The mark before an item of a to-do list.
    Task(bool),
    /// A heading of level 1 to 6.
    Heading(u8, Vec<Node>),
    /// A list; numbered from the given number.
    List(Option<u64>, Vec<Node>),
    /// A link to an address that [`link::safe`] allows.
    Link(String, Vec<Node>),
    /// Rows of cells; the first row is the head.
    Table(Vec<Vec<Vec<Node>>>),
    /// Anything that only groups.
    Group(Kind, Vec<Node>),
}

/// How a group is dressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A paragraph.
    Paragraph,
    /// A quotation.
    Quote,
    /// An item of a list.
    Item,
    /// Emphasis.
    Emphasis,
    /// Strong emphasis.
    Strong,
    /// Struck through.
    Struck,
    /// No dress of its own.
    Plain,
}

/// The blocks of `text`, in order. Whatever is not understood, raw HTML included, stands as text.
pub fn parse(text: &str) -> Vec<Node> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    nodes(&mut Parser::new_ext(text, options))
}

/// Everything up to the end of the element that `events` stands in.
fn nodes(events: &mut Parser<'_>) -> Vec<Node> {
    let mut found: Vec<Node> = Vec::new();
    while let Some(event) = events.next() {
        let node = match event {
            Event::End(_) => break,
            Event::Start(tag) => element(tag, events),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => Node::Text(text.into_string()),
            Event::Code(code) | Event::InlineMath(code) | Event::DisplayMath(code) => Node::Code(code.into_string()),
            Event::FootnoteReference(label) => Node::Text(format!("[^{label}]")),
            Event::SoftBreak => Node::Text("\n".to_owned()),
            Event::HardBreak => Node::Break,
            Event::Rule => Node::Rule,
            Event::TaskListMarker(done) => Node::Task(done),
        };
        match (found.last_mut(), node) {
            (Some(Node::Text(before)), Node::Text(more)) => before.push_str(&more),
            (_, node) => found.push(node),
        }
    }
    found
}

fn element(tag: Tag<'_>, events: &mut Parser<'_>) -> Node {
    match tag {
        Tag::Paragraph => Node::Group(Kind::Paragraph, nodes(events)),
        Tag::HtmlBlock => Node::Group(Kind::Paragraph, nodes(events)),
        Tag::BlockQuote(_) => Node::Group(Kind::Quote, nodes(events)),
        Tag::Item => Node::Group(Kind::Item, nodes(events)),
        Tag::Emphasis => Node::Group(Kind::Emphasis, nodes(events)),
        Tag::Strong => Node::Group(Kind::Strong, nodes(events)),
        Tag::Strikethrough => Node::Group(Kind::Struck, nodes(events)),
        Tag::Heading { level, .. } => Node::Heading(number(level), nodes(events)),
        Tag::List(first) => Node::List(first, nodes(events)),
        Tag::CodeBlock(kind) => {
            let language = match kind {
                CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or_default().to_owned(),
                CodeBlockKind::Indented => String::new(),
            };
            let mut code = words(&nodes(events));
            if code.ends_with('\n') {
                code.pop();
            }
            Node::Block { language, code }
        }
        Tag::Table(_) => Node::Table(rows(events)),
        Tag::Link { dest_url, .. } => reference(&dest_url, nodes(events)),
        // An image would be fetched from wherever the answer says; a link leaves that to the reader.
        Tag::Image { dest_url, .. } => {
            let inside = nodes(events);
            let name = if inside.is_empty() {
                vec![Node::Text(dest_url.to_string())]
            } else {
                inside
            };
            reference(&dest_url, name)
        }
        _ => Node::Group(Kind::Plain, nodes(events)),
    }
}

fn reference(address: &str, inside: Vec<Node>) -> Node {
    match link::safe(address) {
        Some(address) => Node::Link(address.to_owned(), inside),
        None => Node::Group(Kind::Plain, inside),
    }
}

fn rows(events: &mut Parser<'_>) -> Vec<Vec<Vec<Node>>> {
    let mut rows = Vec::new();
    while let Some(Event::Start(Tag::TableHead | Tag::TableRow)) = events.next() {
        let mut cells = Vec::new();
        while let Some(Event::Start(Tag::TableCell)) = events.next() {
            cells.push(nodes(events));
        }
        rows.push(cells);
    }
    rows
}

/// The words of some nodes, without their dress.
fn words(nodes: &[Node]) -> String {
    let mut text = String::new();
    for node in nodes {
        match node {
            Node::Text(part) | Node::Code(part) => text.push_str(part),
            Node::Break => text.push('\n'),
            Node::Heading(_, inside) | Node::List(_, inside) | Node::Link(_, inside) | Node::Group(_, inside) => {
                text.push_str(&words(inside));
            }
            Node::Block { code, .. } => text.push_str(code),
            Node::Table(_) | Node::Task(_) | Node::Rule => {}
        }
    }
    text
}

const fn number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests;
