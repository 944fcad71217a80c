//! Draws the tree of `super::tree` with the browser's own elements. Text becomes text nodes: nothing is ever parsed as HTML.

use leptos::prelude::*;

use super::tree::{Kind, Node};
use crate::{islands::playground::copy::CopyText, text::Language};

/// The views of some nodes, one after the other.
pub fn draw(nodes: Vec<Node>, language: Language) -> AnyView {
    nodes
        .into_iter()
        .map(|node| one(node, language))
        .collect_view()
        .into_any()
}

/// The view of one node.
pub fn one(node: Node, language: Language) -> AnyView {
    match node {
        Node::Text(text) => text.into_any(),
        Node::Break => view! { <br/> }.into_any(),
        Node::Rule => view! { <hr/> }.into_any(),
        Node::Code(code) => view! { <code>{code}</code> }.into_any(),
        Node::Block { language: name, code } => block(name, code, language),
        Node::Task(done) => (if done { "☑ " } else { "☐ " }).into_any(),
        Node::Heading(level, inside) => heading(level, draw(inside, language)),
        Node::List(None, inside) => view! { <ul>{draw(inside, language)}</ul> }.into_any(),
        Node::List(Some(first), inside) => {
            view! { <ol start=first.to_string()>{draw(inside, language)}</ol> }.into_any()
        }
        Node::Link(address, inside) => view! {
            <a class="link" href=address target="_blank" rel="noopener noreferrer nofollow">{draw(inside, language)}</a>
        }
        .into_any(),
        Node::Table(rows) => table(rows, language),
        Node::Group(kind, inside) => group(kind, draw(inside, language)),
    }
}

fn group(kind: Kind, inside: AnyView) -> AnyView {
    match kind {
        Kind::Paragraph => view! { <p>{inside}</p> }.into_any(),
        Kind::Quote => view! { <blockquote>{inside}</blockquote> }.into_any(),
        Kind::Item => view! { <li>{inside}</li> }.into_any(),
        Kind::Emphasis => view! { <em>{inside}</em> }.into_any(),
        Kind::Strong => view! { <strong>{inside}</strong> }.into_any(),
        Kind::Struck => view! { <del>{inside}</del> }.into_any(),
        Kind::Plain => inside,
    }
}

/// The page's own title is the first level, so an answer's headings begin at the second.
fn heading(level: u8, inside: AnyView) -> AnyView {
    match level {
        1 => view! { <h2>{inside}</h2> }.into_any(),
        2 => view! { <h3>{inside}</h3> }.into_any(),
        3 => view! { <h4>{inside}</h4> }.into_any(),
        4 => view! { <h5>{inside}</h5> }.into_any(),
        _ => view! { <h6>{inside}</h6> }.into_any(),
    }
}

fn block(name: String, code: String, language: Language) -> AnyView {
    let shown = if name.is_empty() {
        language.pick("code", "代码").to_owned()
    } else {
        name
    };
    let label = format!("{}: {shown}", language.pick("Code", "代码"));
    view! {
        <div class="code">
            <div class="code-head">
                <span>{shown}</span>
                <CopyText text=code.clone() label=language.pick("Copy code", "复制代码") language/>
            </div>
            <pre tabindex="0" aria-label=label><code>{code}</code></pre>
        </div>
    }
    .into_any()
}

fn table(rows: Vec<Vec<Vec<Node>>>, language: Language) -> AnyView {
    let mut rows = rows.into_iter();
    let head = rows.next().unwrap_or_default();
    let head = head
        .into_iter()
        .map(|cell| view! { <th scope="col">{draw(cell, language)}</th> })
        .collect_view();
    let body = rows
        .map(|row| {
            let cells = row
                .into_iter()
                .map(|cell| view! { <td>{draw(cell, language)}</td> })
                .collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=language.pick("Table", "表格")>
            <table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
        </div>
    }
    .into_any()
}
