//! One style sheet from many: every `@import` is replaced by the file it names, inside the cascade layer, support
//! condition and media query that it asks for. Without this, the browser would fetch the files one after another.

mod minify;
mod parse;
#[cfg(test)]
mod unused;

use std::path::{Path, PathBuf};

use crate::problem::{self, Problem};
use parse::{Import, Piece};

/// Reads the style sheet with all that it imports and answers one text without comments and needless spaces.
pub fn bundle(entry: &Path) -> Result<String, Problem> {
    let mut open = Vec::new();
    Ok(minify::minify(&inline(entry, &mut open)?))
}

/// `open` holds the files whose imports are being followed; one that comes twice in it imports itself.
fn inline(file: &Path, open: &mut Vec<PathBuf>) -> Result<String, Problem> {
    if open.iter().any(|path| path == file) {
        return Err(Problem::ImportCircle(file.to_owned()));
    }
    open.push(file.to_owned());
    let text = std::fs::read_to_string(file).map_err(problem::file("read", file))?;
    let pieces = parse::pieces(&text).map_err(|what| Problem::Style {
        file: file.to_owned(),
        what,
    })?;
    let mut whole = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => whole.push_str(text),
            Piece::Import(import) => {
                let target = file.with_file_name(&import.path);
                if !target.is_file() {
                    return Err(Problem::NoImport {
                        from: file.to_owned(),
                        import: import.path,
                    });
                }
                let inside = inline(&target, open)?;
                whole.push_str(&wrap(&import, inside));
            }
        }
    }
    open.pop();
    Ok(whole)
}

fn wrap(import: &Import, mut text: String) -> String {
    if let Some(layer) = &import.layer {
        text = format!("@layer {layer}{{{text}}}\n");
    }
    if let Some(condition) = &import.supports {
        text = format!("@supports {condition}{{{text}}}\n");
    }
    if !import.media.is_empty() {
        text = format!("@media {}{{{text}}}\n", import.media);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle_of(files: &[(&str, &str)]) -> Result<String, Problem> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        bundle(&folder.path().join("main.css"))
    }

    #[test]
    fn imports_are_replaced_in_their_layers_and_conditions() {
        let main = r#"
            @charset "utf-8";
            @layer reset, parts;
            @import "reset.css" layer(reset);
            @import url(parts/all.css) layer(parts) supports(display: grid) screen and (min-width: 40rem);
            @import 'last.css' layer;
            body { color: red; }
        "#;
        let parts = "/* below */ @import \"one.css\" layer(small);\n.all > b { margin: 0 auto }";
        let files = [
            ("main.css", main),
            ("reset.css", "* { margin: 0; }"),
            ("parts/all.css", parts),
            ("parts/one.css", ".one, .two { top: 0; }"),
            ("last.css", ".last {}"),
        ];
        assert_eq!(
            bundle_of(&files).unwrap(),
            "@layer reset,parts;@layer reset{*{margin: 0}}\
             @media screen and (min-width: 40rem){@supports (display: grid){@layer parts{@layer small{.one,.two{top: 0}}\
             .all > b{margin: 0 auto}}}}@layer{.last{}}body{color: red}"
        );
    }

    #[test]
    fn a_missing_file_and_a_circle_are_named() {
        let missing = bundle_of(&[("main.css", "@import \"gone.css\";")]).unwrap_err();
        assert!(missing.to_string().contains("gone.css"), "{missing}");
        let circle = bundle_of(&[("main.css", "@import \"a.css\";"), ("a.css", "@import \"main.css\";")]);
        assert!(matches!(circle, Err(Problem::ImportCircle(_))), "{circle:?}");
    }

    #[test]
    fn an_address_that_would_break_by_moving_is_refused() {
        let relative = bundle_of(&[("main.css", "a { background: url(icons/a.svg) }")]).unwrap_err();
        assert!(relative.to_string().contains("icons/a.svg"), "{relative}");
        let fine = "a{background: url(\"/icons/a.svg\")}b{mask: url(data:image/svg+xml,x)}";
        assert_eq!(bundle_of(&[("main.css", fine)]).unwrap(), fine);
    }
}
