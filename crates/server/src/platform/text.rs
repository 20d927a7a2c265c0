//! Looking for a piece of text in columns, alike on both databases.

use sea_orm::sea_query::{Condition, Expr, ExprTrait, Func, IntoColumnRef, LikeExpr, SimpleExpr};

use super::error::{Error, FieldError, Result};

/// Longest text to look for, in characters.
const LONGEST: usize = 100;

/// What a list's `q` asks for: trimmed, nothing when it is empty.
///
/// # Errors
/// When it is too long or holds control characters.
pub fn wanted(q: Option<&str>) -> Result<Option<String>> {
    let text = q.map(str::trim).unwrap_or_default();
    if text.chars().count() > LONGEST {
        let error = FieldError::new("q", "too_long").with("max", LONGEST);
        return Err(Error::Invalid(vec![error]));
    }
    if text.chars().any(char::is_control) {
        return Err(Error::field("q", "bad_characters"));
    }
    Ok((!text.is_empty()).then(|| text.to_lowercase()))
}

/// Whether one of the columns contains `wanted`, whatever the case of its letters. `%` and `_` mean themselves.
pub fn contains<C: IntoColumnRef>(columns: impl IntoIterator<Item = C>, wanted: &str) -> Condition {
    let pattern = format!("%{}%", escaped(wanted));
    columns.into_iter().fold(Condition::any(), |any, column| {
        any.add(like(Func::lower(Expr::col(column)).into(), &pattern))
    })
}

fn like(column: SimpleExpr, pattern: &str) -> SimpleExpr {
    column.like(LikeExpr::new(pattern).escape('\\'))
}

fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            matches!(c, '%' | '_' | '\\')
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect()
}
