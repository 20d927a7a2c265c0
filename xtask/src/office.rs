//! The documents we write, opened by the programs that customers open them with.
//!
//! An example of the document crate writes each sample as docx, pdf and html. LibreOffice turns the
//! docx into a pdf of its own; then the texts of the html must be in both pdfs, and both must have
//! the same number of pages.

use crate::process;
use crate::repo::Repo;
use anyhow::{Context, Result, bail, ensure};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Checks every sample.
pub fn check(repo: &Repo) -> Result<()> {
    let folder = repo
        .scratch()?
        .join(format!("office-{}", std::process::id()));
    let outcome = check_in(repo, &folder);
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

fn check_in(repo: &Repo, folder: &Path) -> Result<()> {
    // `cargo test` has built it, with the features that all else is built with.
    let samples = repo.target.join("debug/examples/samples");
    process::run(repo.command(samples).arg(folder))?;
    let files = with_ending(folder, "docx")?;
    ensure!(!files.is_empty(), "no sample was written");
    convert(folder, &files)?;
    for docx in &files {
        let name = docx.file_stem().unwrap_or_default().to_string_lossy();
        let converted = folder.join("converted").join(format!("{name}.pdf"));
        compare(docx, &docx.with_extension("pdf"), &converted)
            .with_context(|| name.clone().into_owned())?;
        println!("{name}: docx and pdf hold every text, on as many pages");
    }
    Ok(())
}

fn compare(docx: &Path, pdf: &Path, converted: &Path) -> Result<()> {
    let html = std::fs::read_to_string(docx.with_extension("html"))?;
    let wanted = texts(&html);
    ensure!(wanted.len() > 10, "the html holds no texts");
    for (file, what) in [(pdf, "our pdf"), (converted, "the docx in LibreOffice")] {
        // -raw: in the order of writing, so that table cells beside each other do not mix.
        let found = tool(
            "pdftotext",
            &["-raw".as_ref(), file.as_os_str(), "-".as_ref()],
        )?;
        let found = squeezed(&found);
        if let Some(text) = wanted.iter().find(|text| !found.contains(*text)) {
            bail!("{what} lacks {text:?}");
        }
    }
    let pages = (pages(pdf)?, pages(converted)?);
    ensure!(
        pages.0 == pages.1,
        "our pdf has {} pages, LibreOffice makes {} of the docx",
        pages.0,
        pages.1
    );
    let fonts = tool("pdffonts", &[pdf.as_os_str()])?;
    ensure!(fonts.lines().count() > 2, "the pdf names no font");
    for font in fonts.lines().skip(2) {
        // Columns from the right: object (two), uni, sub, emb.
        let embedded = font.split_whitespace().rev().nth(4);
        ensure!(embedded == Some("yes"), "a font is not embedded: {font}");
    }
    Ok(())
}

fn convert(folder: &Path, files: &[PathBuf]) -> Result<()> {
    let mut command = Command::new("soffice");
    command
        .arg(format!(
            "-env:UserInstallation=file://{}",
            folder.join("profile").display()
        ))
        .args(["--headless", "--convert-to", "pdf", "--outdir"])
        .arg(folder.join("converted"))
        .args(files);
    process::run(&mut command)
}

fn with_ending(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|own| own == ending))
        .collect();
    files.sort();
    Ok(files)
}

fn pages(pdf: &Path) -> Result<u32> {
    let info = tool("pdfinfo", &[pdf.as_os_str()])?;
    info.lines()
        .find_map(|line| line.strip_prefix("Pages:"))
        .and_then(|pages| pages.trim().parse().ok())
        .context("pdfinfo names no number of pages")
}

fn tool(program: &str, arguments: &[&std::ffi::OsStr]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!(
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a reader of the page sees, piece by piece, without blanks.
fn texts(html: &str) -> Vec<String> {
    let body = html.split_once("<body").map_or(html, |(_, body)| body);
    let mut texts = Vec::new();
    let mut hidden = None;
    for piece in body.split('<') {
        let Some((tag, text)) = piece.split_once('>') else {
            continue;
        };
        // A drawing and a style sheet are not running text.
        match hidden {
            None => {
                hidden = ["svg", "style", "script"]
                    .into_iter()
                    .find(|name| tag.starts_with(name));
            }
            Some(name) if tag.strip_prefix('/') == Some(name) => hidden = None,
            Some(_) => {}
        }
        let text = squeezed(&unescaped(text));
        if hidden.is_none() && text.chars().count() > 1 {
            texts.push(text);
        }
    }
    texts
}

fn unescaped(text: &str) -> String {
    text.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_texts_of_a_page_are_what_a_reader_sees() {
        let html = "<html><head><title>x y</title></head><body class=a><h1>客户服务 受理单</h1>\
                    <style>p { color: red }</style><p>甲 &amp; 乙<br>a</p><svg><text>图例</text></svg><p>电话</p>";
        assert_eq!(texts(html), ["客户服务受理单", "甲&乙", "电话"]);
    }
}
