//! Conditions in definitions, written in CEL (Common Expression Language), compiled once and checked before use.
//!
//! Bounded by construction: the macros that loop (`all`, `map`, `filter` …) are not there, so the work of an expression is at most the
//! size of its text times the size of the values it names, and its text is limited.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use cel::common::ast::{EntryExpr, Expr as Node};
use cel::objects::{Key, Map};
use cel::{Context, Env, IdedExpr, Program};
use thiserror::Error;

use crate::definition::nearest;

pub use cel::Value as CelValue;

/// Longest expression, in bytes.
pub const MAX_SOURCE: usize = 2_000;
/// The functions an expression may call.
const FUNCTIONS: [&str; 6] = [
    "size",
    "contains",
    "startsWith",
    "endsWith",
    "string",
    "int",
];

/// Deepest nesting, see [`nesting`]; measured: it stays within 1.5 MiB of stack even in a debug build.
const MAX_NESTING: usize = 24;

static ENV: LazyLock<Arc<Env>> =
    LazyLock::new(|| Arc::new(Env::default().with_optional_support(false).with_stdlib()));

/// Why an expression was refused, or what went wrong when it was computed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExprError {
    /// It is not CEL, or too long, or too deep.
    #[error("not a valid expression: {0}")]
    Syntax(String),
    /// It names something that does not exist.
    #[error("unknown name `{name}`{}", hint.as_ref().map(|h| format!(", did you mean `{h}`?")).unwrap_or_default())]
    Unknown {
        /// The name as written.
        name: String,
        /// A known name that is nearly the same.
        hint: Option<String>,
    },
    /// It cannot be computed, for example because a text is compared with a number.
    #[error("cannot be computed: {0}")]
    Compute(String),
    /// It gives a value of another type than asked for.
    #[error("gives {got} instead of {want}")]
    Type {
        /// Type that was asked for.
        want: &'static str,
        /// Type of the result.
        got: String,
    },
}

/// The names an expression may use: a variable alone (`now`), or a variable with known members (`fields.title`).
#[derive(Debug, Clone, Default)]
pub struct Vocabulary(BTreeMap<String, Option<BTreeSet<String>>>);

impl Vocabulary {
    /// Adds plain variables.
    #[must_use]
    pub fn with(mut self, names: &[&str]) -> Self {
        self.0.extend(names.iter().map(|n| ((*n).to_owned(), None)));
        self
    }

    /// Adds a variable whose members are known.
    #[must_use]
    pub fn with_members<'a>(
        mut self,
        name: &str,
        members: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        self.0.insert(
            name.to_owned(),
            Some(members.into_iter().map(str::to_owned).collect()),
        );
        self
    }

    fn check(&self, name: &str, member: Option<&str>) -> Result<(), ExprError> {
        let unknown = |name: String, hint: Option<&str>, prefix: &str| {
            Err(ExprError::Unknown {
                name,
                hint: hint.map(|h| format!("{prefix}{h}")),
            })
        };
        match (self.0.get(name), member) {
            (None, _) => unknown(
                name.to_owned(),
                nearest(name, self.0.keys().map(String::as_str)),
                "",
            ),
            (Some(None), None) => Ok(()),
            (Some(None), Some(m)) => unknown(format!("{name}.{m}"), Some(name), ""),
            (Some(Some(_)), None) => Err(ExprError::Syntax(format!(
                "write `{name}.` and the name of one member"
            ))),
            (Some(Some(known)), Some(m)) if known.contains(m) => Ok(()),
            (Some(Some(known)), Some(m)) => unknown(
                format!("{name}.{m}"),
                nearest(m, known.iter().map(String::as_str)),
                &format!("{name}."),
            ),
        }
    }
}

/// A compiled expression, cheap to share between threads.
#[derive(Debug, Clone)]
pub struct Expr {
    source: Arc<str>,
    program: Arc<Program>,
    uses: Arc<BTreeSet<String>>,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Expr {
    /// Compiles `source` and checks every name in it against `vocabulary`.
    ///
    /// # Errors
    /// [`ExprError::Syntax`] or [`ExprError::Unknown`].
    pub fn compile(source: &str, vocabulary: &Vocabulary) -> Result<Self, ExprError> {
        if source.len() > MAX_SOURCE {
            return Err(ExprError::Syntax(format!("longer than {MAX_SOURCE} bytes")));
        }
        if nesting(source) > MAX_NESTING {
            return Err(ExprError::Syntax(
                "too deeply nested: split it into several rules".into(),
            ));
        }
        let program = ENV
            .compile(source)
            .map_err(|e| ExprError::Syntax(first_line(&e.to_string())))?;
        let mut uses = BTreeSet::new();
        collect(program.expression(), vocabulary, &mut uses)?;
        Ok(Self {
            source: source.into(),
            program: Arc::new(program),
            uses: Arc::new(uses),
        })
    }

    /// The text as written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every name used, as `variable` or `variable.member`.
    pub fn uses(&self) -> impl Iterator<Item = &str> {
        self.uses.iter().map(String::as_str)
    }

    /// Computes a condition.
    ///
    /// # Errors
    /// [`ExprError::Compute`], or [`ExprError::Type`] when the result is not true or false.
    pub fn check(&self, scope: &Scope) -> Result<bool, ExprError> {
        match self.compute(scope)? {
            CelValue::Bool(b) => Ok(b),
            other => Err(ExprError::Type {
                want: "true or false",
                got: other.type_of().to_string(),
            }),
        }
    }

    /// Computes a value as JSON (null, true/false, integer, text or a list of these).
    ///
    /// # Errors
    /// [`ExprError::Compute`], or [`ExprError::Type`] for anything that has no place in a field.
    pub fn value(&self, scope: &Scope) -> Result<serde_json::Value, ExprError> {
        to_json(&self.compute(scope)?)
    }

    fn compute(&self, scope: &Scope) -> Result<CelValue, ExprError> {
        self.program
            .execute(&scope.0)
            .map_err(|e| ExprError::Compute(first_line(&e.to_string())))
    }
}

/// The values an expression is computed on.
pub struct Scope(Context<'static, 'static>);

impl Default for Scope {
    fn default() -> Self {
        Self(Context::with_env(Arc::clone(&ENV)))
    }
}

impl Scope {
    /// Sets a plain variable.
    pub fn set(&mut self, name: &str, value: impl Into<CelValue>) {
        self.0.add_variable_from_value(name, value);
    }

    /// Sets a variable with members.
    pub fn set_members<'a>(
        &mut self,
        name: &str,
        members: impl IntoIterator<Item = (&'a str, CelValue)>,
    ) {
        let map: HashMap<Key, CelValue> = members
            .into_iter()
            .map(|(k, v)| (Key::String(Arc::new(k.to_owned())), v))
            .collect();
        self.0
            .add_variable_from_value(name, CelValue::Map(Map { map: Arc::new(map) }));
    }
}

/// A JSON value as CEL sees it. Numbers that are no 64-bit integer become floating point.
#[must_use]
pub fn from_json(value: &serde_json::Value) -> CelValue {
    use serde_json::Value as Json;
    match value {
        Json::Null => CelValue::Null,
        Json::Bool(b) => CelValue::Bool(*b),
        Json::Number(n) => n.as_i64().map_or_else(
            || CelValue::Float(n.as_f64().unwrap_or_default()),
            CelValue::Int,
        ),
        Json::String(s) => CelValue::String(Arc::new(s.clone())),
        Json::Array(items) => CelValue::List(Arc::new(items.iter().map(from_json).collect())),
        Json::Object(members) => CelValue::Map(Map {
            map: Arc::new(
                members
                    .iter()
                    .map(|(k, v)| (Key::String(Arc::new(k.clone())), from_json(v)))
                    .collect(),
            ),
        }),
    }
}

fn to_json(value: &CelValue) -> Result<serde_json::Value, ExprError> {
    use serde_json::Value as Json;
    Ok(match value {
        CelValue::Null => Json::Null,
        CelValue::Bool(b) => Json::Bool(*b),
        CelValue::Int(i) => Json::from(*i),
        CelValue::UInt(u) => Json::from(*u),
        CelValue::String(s) => Json::String(s.as_str().to_owned()),
        CelValue::List(items) => Json::Array(items.iter().map(to_json).collect::<Result<_, _>>()?),
        other => {
            return Err(ExprError::Type {
                want: "a value for a field",
                got: other.type_of().to_string(),
            });
        }
    })
}

/// An upper bound for how deep the syntax tree of `source` gets, found without parsing it.
///
/// The CEL parser recurses and has no limit that protects a thread's stack, so hostile nesting must not reach it. Brackets nest, and so
/// do chains of operators and calls (`a+b+c`, `a.b().c()`), except across `&&`, `||` and `,`, which the parser keeps flat. What stands
/// inside text literals is counted too: that errs on the safe side.
fn nesting(source: &str) -> usize {
    let mut outer: Vec<usize> = Vec::new();
    let (mut base, mut run, mut deepest) = (0, 0, 0);
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let mut width = c.len_utf8();
        match c {
            '(' | '[' | '{' => {
                // What follows the closing bracket nests once more: `a[1][1]`.
                outer.push(run + 1);
                base += run + 5;
                run = 0;
            }
            ')' | ']' | '}' => {
                run = outer.pop().unwrap_or(run);
                base = base.saturating_sub(run + 4);
            }
            ',' => run = 0,
            '&' | '|' if rest.starts_with("&&") || rest.starts_with("||") => {
                run = 0;
                width = 2;
            }
            '=' | '!' | '<' | '>' if rest[1..].starts_with('=') => {
                run += 1;
                width = 2;
            }
            '+' | '-' | '*' | '/' | '%' | '<' | '>' | '=' | '!' | '?' | '.' => run += 1,
            'i' if rest.starts_with("in") => run += 1,
            _ => {}
        }
        deepest = deepest.max(base + run);
        rest = &rest[width..];
    }
    deepest
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// Walks the syntax tree, checks names and notes which are used.
fn collect(
    node: &IdedExpr,
    known: &Vocabulary,
    uses: &mut BTreeSet<String>,
) -> Result<(), ExprError> {
    match &node.expr {
        Node::Ident(name) => {
            known.check(name, None)?;
            uses.insert(name.clone());
        }
        Node::Select(select) => {
            let Node::Ident(name) = &select.operand.expr else {
                return Err(ExprError::Syntax(format!(
                    "`.{}` may only follow the name of a variable",
                    select.field
                )));
            };
            known.check(name, Some(&select.field))?;
            uses.insert(format!("{name}.{}", select.field));
        }
        Node::Call(call) => {
            let name = call.func_name.as_str();
            // Operators are calls of functions with names like `_+_`.
            if name.starts_with(|c: char| c.is_ascii_alphabetic()) && !FUNCTIONS.contains(&name) {
                let hint = nearest(name, FUNCTIONS.into_iter()).map(str::to_owned);
                return Err(ExprError::Unknown {
                    name: format!("{name}()"),
                    hint,
                });
            }
            for part in call.target.iter().map(AsRef::as_ref).chain(&call.args) {
                collect(part, known, uses)?;
            }
        }
        Node::List(list) => {
            for part in &list.elements {
                collect(part, known, uses)?;
            }
        }
        Node::Map(map) => {
            for entry in &map.entries {
                if let EntryExpr::MapEntry(e) = &entry.expr {
                    collect(&e.key, known, uses)?;
                    collect(&e.value, known, uses)?;
                }
            }
        }
        Node::Comprehension(_) | Node::Struct(_) => {
            return Err(ExprError::Syntax(
                "loops and records are not available here".into(),
            ));
        }
        Node::Literal(_) | Node::Unspecified => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words() -> Vocabulary {
        Vocabulary::default()
            .with(&["now", "note", "breached"])
            .with_members("fields", ["title", "impact", "done"])
    }

    fn scope() -> Scope {
        let mut s = Scope::default();
        s.set("now", 100);
        s.set("note", "密码".to_owned());
        s.set("breached", vec!["resolve".to_owned()]);
        s.set_members(
            "fields",
            [
                ("title", CelValue::from("网站打不开".to_owned())),
                ("impact", CelValue::Int(2)),
                ("done", CelValue::Null),
            ],
        );
        s
    }

    #[test]
    fn computes_conditions_and_values() {
        for (source, want) in [
            ("fields.impact == 2 && fields.title != ''", true),
            ("fields.done == true", false),
            ("fields.done != true", true),
            ("'resolve' in breached", true),
            ("fields.title.contains('打不开')", true),
            ("size(note) == 2 ? now > 50 : false", true),
            ("fields.impact in [1, 3]", false),
        ] {
            assert_eq!(
                Expr::compile(source, &words()).unwrap().check(&scope()),
                Ok(want),
                "{source}"
            );
        }
        let e = Expr::compile("fields.impact * 2 + 1", &words()).unwrap();
        assert_eq!(e.value(&scope()), Ok(5.into()));
        assert_eq!(e.uses().collect::<Vec<_>>(), ["fields.impact"]);
    }

    #[test]
    fn refuses_unknown_names_with_a_hint() {
        let reason = |source: &str| Expr::compile(source, &words()).unwrap_err().to_string();
        assert_eq!(
            reason("fields.titel == ''"),
            "unknown name `fields.titel`, did you mean `fields.title`?"
        );
        assert_eq!(reason("nwo > 1"), "unknown name `nwo`, did you mean `now`?");
        assert!(reason("fields == 1").contains("fields."));
        assert!(reason("fields.title.length > 1").contains("only follow"));
        assert_eq!(
            reason("siz(note) > 1"),
            "unknown name `siz()`, did you mean `size`?"
        );
        assert!(reason("now >").contains("not a valid expression"));
        assert!(
            Expr::compile("[1,2].all(x, x > 0)", &words()).is_err(),
            "loops are not available"
        );
        assert!(Expr::compile(&"1+".repeat(MAX_SOURCE), &words()).is_err());
    }

    #[test]
    fn a_wrong_type_is_an_error_not_a_guess() {
        let check = |source: &str| Expr::compile(source, &words()).unwrap().check(&scope());
        assert!(matches!(
            check("fields.done > 1"),
            Err(ExprError::Compute(_))
        ));
        assert!(matches!(
            check("fields.impact"),
            Err(ExprError::Type { .. })
        ));
        assert!(matches!(check("1 / 0 == 1"), Err(ExprError::Compute(_))));
        assert!(matches!(
            check("9223372036854775807 + 1 == 0"),
            Err(ExprError::Compute(_))
        ));
    }

    #[test]
    fn deep_nesting_neither_crashes_nor_hangs() {
        let shapes = [
            ("(", ")"),
            ("[", "]"),
            ("{1:", "}"),
            ("!", ""),
            ("-", ""),
            ("1+", ""),
            ("1-", ""),
            ("1==", ""),
            ("true?", ":1"),
            ("true||", ""),
            ("true&&", ""),
            ("1 in ", ""),
            ("", ".f()"),
            ("", "[1]"),
            ("", "-1"),
            ("", " in 1"),
            ("", " ? 1 : 1"),
            ("f(", ")"),
            ("1+(", ")"),
            ("1+1==1?1:1+f(1,[", "])"),
            ("{1:1+1+1+", "}"),
            ("a.b(", ")"),
            ("'", ""),
            ("\\", ""),
            ("", "'"),
            ("\n", ""),
            ("//", ""),
        ];
        let attack = move || {
            for (open, close) in shapes {
                for n in (1..40).chain([90, 100, 160, 400, 1_990]) {
                    let source = format!("{}1{}", open.repeat(n), close.repeat(n));
                    if let Ok(e) = Expr::compile(&source, &words()) {
                        let _ = e.value(&scope());
                    }
                }
            }
        };
        // Three quarters of what a server thread has.
        std::thread::Builder::new()
            .stack_size(3 << 19)
            .spawn(attack)
            .unwrap()
            .join()
            .unwrap();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn no_text_crashes_the_compiler(source in "[a-z0-9 .'\"()\\[\\]{}?:!&|<>=+*/%,\\\\-]{0,60}") {
            if let Ok(e) = Expr::compile(&source, &words()) {
                let _ = e.value(&scope());
            }
        }
        #[test]
        fn no_unicode_crashes_the_compiler(source in "\\PC{0,40}") {
            let _ = Expr::compile(&source, &words());
        }
    }
}
