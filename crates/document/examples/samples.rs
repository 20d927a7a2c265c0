//! Writes the sample documents to a folder, to be looked at: `cargo run -p anlan-document --example samples [folder]`.

use anlan_document::{Fonts, docx, form, html, pdf, xlsx};

#[path = "../tests/it/samples.rs"]
mod samples;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::path::PathBuf::from(
        std::env::args()
            .nth(1)
            .unwrap_or_else(|| "target/samples".to_owned()),
    );
    std::fs::create_dir_all(&folder)?;
    let fonts = Fonts::embedded();
    let layout = samples::layout()?;
    for (name, document) in [
        ("月报", samples::monthly()),
        ("图表", samples::charts()),
        (
            "F-01",
            samples::with_frame(form::render(&layout, &samples::incident())),
        ),
        ("F-01空白", samples::with_frame(form::render_blank(&layout))),
    ] {
        let begin = std::time::Instant::now();
        std::fs::write(
            folder.join(format!("{name}.pdf")),
            pdf::render(&document, &fonts)?,
        )?;
        println!("{name}.pdf {:?}", begin.elapsed());
        let begin = std::time::Instant::now();
        std::fs::write(
            folder.join(format!("{name}.docx")),
            docx::render(&document)?,
        )?;
        std::fs::write(
            folder.join(format!("{name}.html")),
            html::render(&document)?,
        )?;
        println!("{name}.docx {:?}", begin.elapsed());
    }
    std::fs::write(folder.join("月报.xlsx"), xlsx::render(&samples::monthly())?)?;
    Ok(())
}
