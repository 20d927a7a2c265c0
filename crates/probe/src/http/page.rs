//! From body bytes to text: decompression and character sets.

use std::borrow::Cow;
use std::io::Read;

use encoding_rs::{Encoding, GB18030, UTF_8};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::reason::Reason;

/// How far into a page its own word about its character set is looked for.
const PRESCAN: usize = 2_048;

/// The body without its content encoding, at most `limit` bytes of it: a bomb costs no more than a page.
/// A body that was cut off at the limit, or ends early, is read as far as it goes.
pub(super) fn decompress<'a>(
    body: &'a [u8],
    encoding: &str,
    limit: usize,
) -> Result<Cow<'a, [u8]>, Reason> {
    let bad = || Reason::BadCompression {
        encoding: crate::reason::short(encoding),
    };
    let plain = match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => return Ok(Cow::Borrowed(body)),
        "gzip" | "x-gzip" => read_some(MultiGzDecoder::new(body), limit),
        // "deflate" means zlib, but some servers send the bare stream.
        "deflate" => read_some(ZlibDecoder::new(body), limit)
            .or_else(|()| read_some(DeflateDecoder::new(body), limit)),
        _ => return Err(bad()),
    };
    plain.map(Cow::Owned).map_err(|()| bad())
}

fn read_some(source: impl Read, limit: usize) -> Result<Vec<u8>, ()> {
    let mut plain = Vec::new();
    let result = source.take(limit as u64).read_to_end(&mut plain);
    if result.is_err() && plain.is_empty() {
        Err(())
    } else {
        Ok(plain)
    }
}

/// The page as text, and the name of the character set it was read in.
///
/// In order: a byte order mark, the Content-Type header, the page's own `<meta>`, then UTF-8 if it is
/// UTF-8, else GB18030 (which contains GBK and GB2312). A label is believed only as far as it goes: a
/// page labelled UTF-8 that is not, and is GB18030, is read as GB18030, as people see it in a browser
/// that guesses.
pub(super) fn decode<'a>(body: &'a [u8], content_type: &str) -> (Cow<'a, str>, &'static str) {
    if let Some((encoding, _)) = Encoding::for_bom(body) {
        let (text, _) = encoding.decode_with_bom_removal(body);
        return (text, encoding.name());
    }
    let labelled = charset_of(content_type.as_bytes()).or_else(|| declared(body));
    let encoding = match labelled {
        Some(encoding) if encoding != UTF_8 => encoding,
        _ if is_utf8_so_far(body) => UTF_8,
        _ => {
            let (_, had_errors) = GB18030.decode_without_bom_handling(body);
            if had_errors { UTF_8 } else { GB18030 }
        }
    };
    (
        encoding.decode_without_bom_handling(body).0,
        encoding.name(),
    )
}

/// Valid UTF-8, except that the last character may be cut off.
fn is_utf8_so_far(body: &[u8]) -> bool {
    match std::str::from_utf8(body) {
        Ok(_) => true,
        Err(e) => e.error_len().is_none(),
    }
}

/// What a page says about itself in its first bytes. An ASCII-compatible superset is enough to find it.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(PRESCAN)];
    let found = charset_of(head)?;
    // A page that can be read as ASCII up to here cannot be UTF-16, whatever it says.
    let name = found.name();
    Some(if name == "UTF-16LE" || name == "UTF-16BE" {
        UTF_8
    } else {
        found
    })
}

/// The encoding named after the first `charset=`.
fn charset_of(text: &[u8]) -> Option<&'static Encoding> {
    let key = b"charset";
    let start = text
        .windows(key.len())
        .position(|w| w.eq_ignore_ascii_case(key))?
        + key.len();
    let rest = text[start..]
        .trim_ascii_start()
        .strip_prefix(b"=")?
        .trim_ascii_start();
    let rest = rest
        .strip_prefix(b"\"")
        .or_else(|| rest.strip_prefix(b"'"))
        .unwrap_or(rest);
    let end = rest
        .iter()
        .position(|b| !(b.is_ascii_alphanumeric() || b"-_:.".contains(b)));
    Encoding::for_label(&rest[..end.unwrap_or(rest.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gbk(text: &str) -> Vec<u8> {
        encoding_rs::GBK.encode(text).0.into_owned()
    }

    #[test]
    fn chinese_pages_are_read_in_whatever_set_they_come() {
        let text = "<title>某某市人民政府门户网站</title>";
        let meta = "<meta charset=gb2312>";
        let old = "<META http-equiv=\"Content-Type\" content=\"text/html; charset='GBK'\">";
        let big5 = encoding_rs::BIG5.encode("政府").0.into_owned();
        let cases: Vec<(Vec<u8>, &str, &str, &str)> = vec![
            (text.into(), "text/html; charset=utf-8", "政府", "UTF-8"),
            (text.into(), "", "政府", "UTF-8"),
            (gbk(text), "text/html;charset=GBK", "门户网站", "GBK"),
            (
                gbk(text),
                "text/html; charset=\"gb18030\"",
                "门户网站",
                "gb18030",
            ),
            (
                gbk(&format!("{meta}{text}")),
                "text/html",
                "门户网站",
                "GBK",
            ),
            (gbk(&format!("{old}{text}")), "text/html", "门户网站", "GBK"),
            (gbk(text), "", "门户网站", "gb18030"),
            // Labelled wrongly, as happens when a site moves to another server.
            (gbk(text), "text/html; charset=utf-8", "门户网站", "gb18030"),
            (
                gbk(text),
                "text/html; charset=klingon",
                "门户网站",
                "gb18030",
            ),
            (big5, "text/html; charset=big5", "政府", "Big5"),
            (
                [&[0xef, 0xbb, 0xbf], text.as_bytes()].concat(),
                "text/html; charset=gbk",
                "政府",
                "UTF-8",
            ),
        ];
        for (body, content_type, keyword, name) in cases {
            let (page, charset) = decode(&body, content_type);
            assert!(page.contains(keyword), "{content_type}: {page}");
            assert_eq!(charset, name, "{content_type}");
        }
    }

    #[test]
    fn a_page_cut_off_inside_a_character_is_still_utf8() {
        let text = "政府".as_bytes();
        let (page, charset) = decode(&text[..5], "text/html");
        assert!(page.starts_with('政'));
        assert_eq!(charset, "UTF-8");
    }

    #[test]
    fn bytes_that_are_nothing_are_still_text() {
        let junk: Vec<u8> = (0..=255).cycle().take(4_000).collect();
        decode(&junk, "text/html; charset=");
        decode(&junk, "charset=utf-16le");
        decode(b"charset", "charset");
        decode(b"", "");
    }

    #[test]
    fn a_bomb_is_read_no_further_than_the_limit() {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..64 {
            encoder.write_all(&[b'a'; 1 << 20]).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 100_000);
        assert_eq!(decompress(&bomb, "gzip", 1_000).unwrap().len(), 1_000);
        assert_eq!(
            decompress(&bomb[..500], "GZIP", 1_000).unwrap().len(),
            1_000
        );
        let bad = Reason::BadCompression {
            encoding: "gzip".into(),
        };
        assert_eq!(decompress(b"not gzip", "gzip", 1_000), Err(bad));
        let unknown = Reason::BadCompression {
            encoding: "br".into(),
        };
        assert_eq!(decompress(&[1], "br", 1_000), Err(unknown));
    }
}
