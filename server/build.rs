//! Release builds embed `target/site`; cargo must look at it again when `tools/site` has made it anew.

#[expect(
    clippy::disallowed_methods,
    reason = "a build script is told its profile by cargo, and in no other way"
)]
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    // Debug builds read the files from disk while they run, and need no second compilation.
    if release && std::path::Path::new("../target/site").exists() {
        println!("cargo:rerun-if-changed=../target/site");
    }
}
