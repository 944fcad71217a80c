//! Makes the console's static files under `target/site`, which the server serves (or embeds, in a release).
//!
//! Four sources go in: the browser half as wasm, the style sheets, the folder `public`, and the licences of all that is
//! linked. Nothing is rewritten that has not changed, so a second run takes a moment. The Makefile calls it after each build of the browser half.
//!
//! Not here: compiling. The wasm file exists when this tool starts.

mod bindings;
mod compress;
mod notices;
mod options;
mod problem;
mod sources;
mod stamp;
mod style;
mod tree;

use std::io::Write;
use std::process::ExitCode;

use options::Options;
use problem::Problem;
use tree::Tree;

fn main() -> ExitCode {
    match Options::from_arguments(std::env::args().skip(1)).and_then(|options| make(&options)) {
        Ok(report) => {
            // A closed standard output is no reason to call a finished site a failure.
            let _ = writeln!(std::io::stdout(), "{report}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "site: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Makes the whole site and says in one line what came out.
fn make(options: &Options) -> Result<String, Problem> {
    let mut tree = Tree::default();
    tree.add_folder(&bindings::make(options)?, "pkg")?;
    tree.add("pkg/sources.txt", sources::of(&tree)?);
    tree.add("pkg/hub.css", style::bundle(&options.style_sheet())?.into_bytes());
    tree.add_folder(&options.public(), "")?;
    tree.add("licenses.txt", notices::make(options)?);

    let changed = tree.write_to(&options.site())?;
    let compressed = if options.compress {
        compress::all(&options.site(), &tree)?
    } else {
        Vec::new()
    };
    tree.remove_strays(&options.site(), &compressed)?;
    Ok(format!(
        "site: {} files, {changed} written, {} pre-compressed; wasm {} kB, style {} kB",
        tree.len(),
        compressed.len(),
        tree.kilobytes("pkg/hub.wasm"),
        tree.kilobytes("pkg/hub.css"),
    ))
}
