//! Rebuilds the server when what it embeds has changed: the web pages and the definitions.

fn main() {
    let pages = std::path::Path::new("../../web/dist");
    // A path that is missing would count as changed in every build.
    if !pages.is_dir() {
        drop(std::fs::create_dir_all(pages));
    }
    println!("cargo:rerun-if-changed=../../web/dist");
    println!("cargo:rerun-if-changed=../../definitions");
    println!("cargo:rerun-if-changed=build.rs");
}
