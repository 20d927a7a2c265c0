//! What every handler shares: extractors that refuse bad input by field, paging, versions, problems.

mod attempts;
mod body;
mod headers;
mod idempotency;
mod json;
mod mismatch;
mod page;
mod path;
mod problems;
mod serve;

pub use attempts::{Asker, attempts};
pub use body::{Bytes, in_time};
pub use headers::{ClientIp, IfMatch, Versioned};
pub use idempotency::{FORGET, Repeatable, forget, idempotent, keep_forgetting};
pub use json::{Json, Query, parse, read};
pub use mismatch::in_words;
pub use page::{Cursor, Page, PageQuery};
pub use path::Path;
pub use problems::{language, problems};
pub use serve::serve;
