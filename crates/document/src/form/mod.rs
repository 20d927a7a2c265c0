//! Forms as data: a layout in `definitions/forms/` says what is asked and where, the record says what is printed.

mod layout;
mod render;

use std::collections::BTreeMap;

use jiff::civil::Date;

pub use layout::{Column, Field, FieldType, Layout, Row, RowKind, Signature};
pub use render::{render, render_blank};

use crate::value::Value;

/// What a record has to say, by field name. A field the layout does not print is ignored; one that is missing is printed empty.
pub type Values = BTreeMap<String, Entry>;

/// What one field of a record has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A text, time, number …
    Value(Value),
    /// Keys of the options chosen, and the answer to what is asked behind one of them. A key the layout does not list is
    /// printed as a further ticked box: nothing on record is lost in print.
    Chosen(Vec<String>, Option<String>),
    /// Rows of an embedded list, by column name.
    Rows(Vec<BTreeMap<String, Value>>),
    /// An electronic signature.
    Signed {
        /// Who signed.
        name: String,
        /// On which day.
        date: Date,
    },
}

impl<T: Into<Value>> From<T> for Entry {
    fn from(value: T) -> Self {
        Self::Value(value.into())
    }
}

impl Entry {
    /// One chosen option.
    #[must_use]
    pub fn chosen(key: &str) -> Self {
        Self::Chosen(vec![key.to_owned()], None)
    }
}
