//! What a hostile or half-finished answer becomes.

use super::*;

fn links(nodes: &[Node]) -> Vec<String> {
    let mut found = Vec::new();
    for node in nodes {
        match node {
            Node::Link(address, inside) => {
                found.push(address.clone());
                found.extend(links(inside));
            }
            Node::Heading(_, inside) | Node::List(_, inside) | Node::Group(_, inside) => found.extend(links(inside)),
            Node::Table(rows) => found.extend(rows.iter().flatten().flat_map(|cell| links(cell))),
            _ => {}
        }
    }
    found
}

#[test]
fn raw_html_stays_text() {
    let text = "Hello <b onclick=x>you</b>\n\n<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>";
    assert_eq!(
        words(&parse(text)),
        "Hello <b onclick=x>you</b><script>alert(1)</script>\n<img src=x onerror=alert(1)>"
    );
}

#[test]
fn only_harmless_addresses_become_links() {
    let text = "[a](javascript:alert(1)) [b](JAVASCRIPT:x) [c](data:text/html,x) [d](/do/x) [e](https://example.com/?q=1) <mailto:a@example.com> [f]( vbscript:x)";
    assert_eq!(
        links(&parse(text)),
        ["https://example.com/?q=1", "mailto:a@example.com"]
    );
}

#[test]
fn an_image_becomes_a_link() {
    assert_eq!(
        links(&parse("![a cat](https://example.com/cat.png)")),
        ["https://example.com/cat.png"]
    );
    assert_eq!(links(&parse("![a cat](data:image/svg+xml,x)")), Vec::<String>::new());
}

#[test]
fn a_fence_that_is_still_open_is_code_already() {
    let expected = Node::Block {
        language: "rust".to_owned(),
        code: "let x = \"<b>\";".to_owned(),
    };
    assert_eq!(parse("```rust ignore\nlet x = \"<b>\";"), [expected]);
}

#[test]
fn a_table_has_its_rows() {
    let Some(Node::Table(rows)) = parse("|a|b|\n|-|-|\n|1|[x](https://e.org)|\n").into_iter().next() else {
        panic!("no table");
    };
    assert_eq!(rows.len(), 2);
    assert_eq!(words(&rows[1][1]), "x");
}

#[test]
fn every_beginning_of_an_answer_can_be_shown() {
    let text =
        "# T\n\n1. a\n   - [x] **b** `c`\n> q\n\n|a|\n|-|\n|[l](http://e.org)|\n\n```\nx\n```\n![i](u)<!-- c -->";
    for (end, _) in text.char_indices() {
        let _ = parse(&text[..end]);
    }
}
