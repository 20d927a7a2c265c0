//! Keyset pages: the next page starts after the last row shown, whatever was added meanwhile.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::platform::error::{Error, Result};

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts; null on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// Cuts `rows`, read with a limit of one more than asked, to a page.
    pub fn cut(mut rows: Vec<T>, limit: u64, cursor: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more {
            rows.last().map(|row| cursor(row).encode())
        } else {
            None
        };
        Self { items: rows, next }
    }

    /// The same page with each row turned into something else.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(into).collect(),
            next: self.next,
        }
    }
}

/// Which page is asked for.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Rows on the page: 50 unless told, 200 at most.
    pub limit: Option<u64>,
    /// `next` of the page before.
    pub after: Option<String>,
}

impl PageQuery {
    /// Rows on the page.
    ///
    /// # Errors
    /// When the limit is 0 or above 200.
    pub fn limit(&self) -> Result<u64> {
        match self.limit {
            None => Ok(50),
            Some(limit @ 1..=200) => Ok(limit),
            Some(_) => Err(Error::Invalid(vec![
                super::super::error::FieldError::new("limit", "out_of_range")
                    .with("min", 1)
                    .with("max", 200),
            ])),
        }
    }

    /// Where the page starts.
    ///
    /// # Errors
    /// When `after` was not given out by a list.
    pub fn cursor(&self) -> Result<Option<Cursor>> {
        self.after.as_deref().map(Cursor::decode).transpose()
    }
}

/// The sort key and id of the last row shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Sort key: an instant, a number or a text, as text.
    pub key: String,
    /// Breaks ties.
    pub id: Uuid,
}

impl Cursor {
    /// A cursor on a number or instant.
    #[must_use]
    pub fn number(key: i64, id: Uuid) -> Self {
        Self {
            key: key.to_string(),
            id,
        }
    }

    /// The key as a number.
    ///
    /// # Errors
    /// When the cursor belongs to another list.
    pub fn as_number(&self) -> Result<i64> {
        self.key
            .parse()
            .map_err(|_| Error::field("after", "bad_cursor"))
    }

    fn encode(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}|{}", self.id.simple(), self.key))
    }

    fn decode(text: &str) -> Result<Self> {
        let bad = || Error::field("after", "bad_cursor");
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| bad())?;
        let text = String::from_utf8(bytes).map_err(|_| bad())?;
        // PostgreSQL could not even be asked for a text with a NUL.
        if text.contains('\0') {
            return Err(bad());
        }
        let (id, key) = text.split_once('|').ok_or_else(bad)?;
        Ok(Self {
            key: key.to_owned(),
            id: Uuid::parse_str(id).map_err(|_| bad())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_journey() {
        let cursor = Cursor {
            key: "第|一".into(),
            id: Uuid::now_v7(),
        };
        assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        assert!(Cursor::decode("!!").is_err());
    }

    #[test]
    fn the_last_page_has_no_next() {
        let cursor = |n: &i64| Cursor::number(*n, Uuid::nil());
        assert!(Page::cut(vec![1, 2], 2, cursor).next.is_none());
        let page = Page::cut(vec![1, 2, 3], 2, cursor);
        assert_eq!(page.items, [1, 2]);
        assert!(page.next.is_some());
    }
}
