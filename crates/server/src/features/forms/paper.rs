//! Documents on their way out: rendered apart from the requests, named in Chinese.

use anlan_document::{Document, Fonts, docx, html, pdf, xlsx};
use axum::body::Body;
use axum::http::HeaderName;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::platform::error::{Error, Result};

/// What a document is rendered to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Word.
    Docx,
    /// For reading and signing.
    #[default]
    Pdf,
    /// A print page.
    Html,
    /// A sheet for each table.
    Xlsx,
}

impl Format {
    /// The end of the file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Xlsx => "xlsx",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Pdf => "application/pdf",
            Self::Html => "text/html; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    fn render(self, document: &Document) -> Result<Vec<u8>> {
        match self {
            Self::Docx => docx::render(document),
            Self::Pdf => pdf::render(document, &Fonts::embedded()),
            Self::Html => html::render(document).map(String::into_bytes),
            Self::Xlsx => xlsx::render(document),
        }
        .map_err(Error::internal)
    }
}

/// A rendered document: an answer with its name.
#[derive(Debug)]
pub struct Paper {
    /// Format of `content`.
    pub format: Format,
    /// Name of the file without its end; any characters.
    pub name: String,
    /// The name for programs that know ASCII only.
    pub plain: String,
    /// The file.
    pub content: Vec<u8>,
}

/// Renders a document. That takes the processor, not the network: it runs beside the requests.
///
/// # Errors
/// When the document breaks a limit or the renderer fails.
pub async fn render(
    document: Document,
    format: Format,
    name: String,
    plain: String,
) -> Result<Paper> {
    let content = tokio::task::spawn_blocking(move || format.render(&document))
        .await
        .map_err(Error::internal)??;
    Ok(Paper {
        format,
        name,
        plain,
        content,
    })
}

impl IntoResponse for Paper {
    fn into_response(self) -> Response {
        let (end, shown) = (
            self.format.extension(),
            matches!(self.format, Format::Pdf | Format::Html),
        );
        let disposition = if shown { "inline" } else { "attachment" };
        let encoded: String =
            form_urlencoded::byte_serialize(format!("{}.{end}", self.name).as_bytes())
                .collect::<String>()
                .replace('+', "%20");
        let plain: String = self
            .plain
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
            .collect();
        let headers: [(HeaderName, String); 3] = [
            (CONTENT_TYPE, self.format.media_type().into()),
            // RFC 6266: the ASCII name for old programs, RFC 5987's for the others.
            (
                CONTENT_DISPOSITION,
                format!("{disposition}; filename=\"{plain}.{end}\"; filename*=UTF-8''{encoded}"),
            ),
            // A print page brings its own style and pictures and runs nothing.
            (
                CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox allow-modals".into(),
            ),
        ];
        (headers, Body::from(self.content)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_name_travels_as_rfc_5987() {
        let paper = Paper {
            format: Format::Docx,
            name: "客户服务受理单 INC-1".into(),
            plain: "F-01-INC-1\"\r\n".into(),
            content: Vec::new(),
        };
        let response = paper.into_response();
        let header = response.headers()[CONTENT_DISPOSITION].to_str().unwrap();
        assert!(
            header.starts_with(
                "attachment; filename=\"F-01-INC-1.docx\"; filename*=UTF-8''%E5%AE%A2"
            )
        );
        assert!(header.ends_with("%20INC-1.docx"), "{header}");
    }
}
