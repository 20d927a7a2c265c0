//! Which items of its own crate does a Rust file name? Every path is resolved from the crate
//! root: `use` trees with groups and aliases, `crate::`, `self::`, `super::` (through inline
//! modules), and names that an earlier `use` brought in.

use super::tokens::{Placed, Token, scan};
use std::collections::HashMap;

/// A path of the crate that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Segments from the crate root, without `crate`.
    pub segments: Vec<String>,
    pub line: usize,
}

/// The module that a file of a crate is: `src/features/tickets/query.rs` → `features, tickets, query`.
pub fn module_of(path_below_src: &str) -> Vec<String> {
    let stem = path_below_src.trim_end_matches(".rs");
    let mut parts: Vec<String> = stem.split('/').map(str::to_owned).collect();
    if matches!(
        parts.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        parts.pop();
    }
    parts
}

/// Every path of the own crate named in `source`, a file that is `module`.
pub fn of_source(source: &str, module: &[String]) -> Vec<Path> {
    let tokens = scan(source);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        module: module.to_vec(),
        inline: Vec::new(),
        depth: 0,
        names: HashMap::new(),
        paths: Vec::new(),
    };
    // First the names that `use` brings in, which may stand below their use, then everything.
    reader.read(true);
    reader.read(false);
    reader.paths
}

struct Reader<'a> {
    tokens: &'a [Placed],
    at: usize,
    module: Vec<String>,
    /// Inline modules around the current token, with the brace depth inside them.
    inline: Vec<(String, usize)>,
    depth: usize,
    names: HashMap<String, Vec<String>>,
    paths: Vec<Path>,
}

impl Reader<'_> {
    fn read(&mut self, only_uses: bool) {
        self.at = 0;
        self.depth = 0;
        self.inline.clear();
        while let Some((token, line)) = self.tokens.get(self.at) {
            match token {
                Token::Word(word) if word == "use" && self.starts_item() => {
                    self.at += 1;
                    let found = self.use_tree(Vec::new(), *line);
                    for (segments, name, line) in found {
                        self.found_use(&segments, name, line, only_uses);
                    }
                }
                Token::Word(word) if word == "mod" && self.opens_inline() => {
                    if let Some(Token::Word(name)) = self.ahead(1) {
                        self.inline.push((name.clone(), self.depth + 1));
                    }
                    self.depth += 1;
                    self.at += 3;
                }
                Token::Word(_) => {
                    let line = *line;
                    let segments = self.plain_path();
                    if !only_uses && segments.len() > 1 {
                        self.found_path(&segments, line);
                    }
                }
                Token::Mark('{') => {
                    self.depth += 1;
                    self.at += 1;
                }
                Token::Mark('}') => {
                    while self.inline.last().is_some_and(|(_, d)| *d == self.depth) {
                        self.inline.pop();
                    }
                    self.depth = self.depth.saturating_sub(1);
                    self.at += 1;
                }
                Token::Mark(_) | Token::Join => self.at += 1,
            }
        }
    }

    fn ahead(&self, count: usize) -> Option<&Token> {
        self.tokens.get(self.at + count).map(|(token, _)| token)
    }

    /// `use` is a keyword; the one exception is the precise capture `impl Trait + use<'a>`.
    fn starts_item(&self) -> bool {
        self.ahead(1) != Some(&Token::Mark('<'))
    }

    fn opens_inline(&self) -> bool {
        matches!(self.ahead(1), Some(Token::Word(_))) && self.ahead(2) == Some(&Token::Mark('{'))
    }

    /// Reads `a::b::{c, d as e, f::*}` after `use`; gives each leaf with the name it brings in.
    fn use_tree(
        &mut self,
        mut prefix: Vec<String>,
        mut line: usize,
    ) -> Vec<(Vec<String>, Option<String>, usize)> {
        let mut found = Vec::new();
        loop {
            match self.tokens.get(self.at) {
                Some((Token::Word(word), at)) if word == "as" => {
                    line = *at;
                    let name = match self.ahead(1) {
                        Some(Token::Word(name)) => Some(name.clone()),
                        _ => None,
                    };
                    self.at += 2;
                    found.push((prefix, name, line));
                    return found;
                }
                Some((Token::Word(word), at)) => {
                    line = *at;
                    prefix.push(word.clone());
                    self.at += 1;
                }
                Some((Token::Join, _)) => self.at += 1,
                Some((Token::Mark('*'), _)) => {
                    self.at += 1;
                    found.push((prefix, None, line));
                    return found;
                }
                Some((Token::Mark('{'), _)) => {
                    self.at += 1;
                    while let Some((token, at)) = self.tokens.get(self.at) {
                        match token {
                            Token::Mark('}') => {
                                self.at += 1;
                                return found;
                            }
                            Token::Mark(',') => self.at += 1,
                            _ => {
                                let before = self.at;
                                found.extend(self.use_tree(prefix.clone(), *at));
                                if self.at == before {
                                    self.at += 1;
                                }
                            }
                        }
                    }
                    return found;
                }
                _ => {
                    // `a::{self}` names `a`.
                    if prefix.len() > 1 && prefix.last().is_some_and(|word| word == "self") {
                        prefix.pop();
                    }
                    let name = prefix.last().cloned();
                    found.push((prefix, name, line));
                    return found;
                }
            }
        }
    }

    /// Reads `a::b::c`; stops before generics.
    fn plain_path(&mut self) -> Vec<String> {
        let mut segments = Vec::new();
        while let Some(Token::Word(word)) = self.ahead(0) {
            segments.push(word.clone());
            self.at += 1;
            if self.ahead(0) == Some(&Token::Join) && matches!(self.ahead(1), Some(Token::Word(_)))
            {
                self.at += 1;
            } else {
                break;
            }
        }
        segments
    }

    fn found_use(
        &mut self,
        segments: &[String],
        name: Option<String>,
        line: usize,
        only_uses: bool,
    ) {
        let Some(resolved) = self.resolve(segments) else {
            return;
        };
        if only_uses {
            if let Some(name) = name {
                self.names.insert(name, resolved);
            }
        } else {
            self.paths.push(Path {
                segments: resolved,
                line,
            });
        }
    }

    fn found_path(&mut self, segments: &[String], line: usize) {
        if let Some(segments) = self.resolve(segments) {
            self.paths.push(Path { segments, line });
        }
    }

    /// The path from the crate root; `None` for another crate's.
    fn resolve(&self, segments: &[String]) -> Option<Vec<String>> {
        let (first, rest) = segments.split_first()?;
        let mut here = self.module.clone();
        here.extend(self.inline.iter().map(|(name, _)| name.clone()));
        match first.as_str() {
            "crate" => Some(rest.to_vec()),
            "self" => Some([here.as_slice(), rest].concat()),
            "super" => {
                here.pop();
                let mut rest = rest;
                while let Some(("super", tail)) = rest.split_first().map(|(f, t)| (f.as_str(), t)) {
                    here.pop();
                    rest = tail;
                }
                Some([here.as_slice(), rest].concat())
            }
            name => {
                let known = self.names.get(name)?;
                Some([known.as_slice(), rest].concat())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(source: &str, file: &str) -> Vec<String> {
        of_source(source, &module_of(file))
            .into_iter()
            .map(|path| format!("{}:{}", path.line, path.segments.join("::")))
            .collect()
    }

    #[test]
    fn a_file_is_the_module_its_path_says() {
        assert_eq!(
            module_of("features/tickets/mod.rs"),
            ["features", "tickets"]
        );
        assert_eq!(
            module_of("features/tickets/query.rs"),
            ["features", "tickets", "query"]
        );
        assert_eq!(module_of("lib.rs"), [""; 0]);
    }

    #[test]
    fn use_trees_are_read_with_groups_aliases_and_stars() {
        let source = "use crate::features::{\n    desk::{self, intake},\n    tickets::rows::*,\n    people as p,\n};\nuse std::fmt;\npub(crate) use crate::platform::db::Db;\n";
        assert_eq!(
            paths(source, "features/alerts/rules.rs"),
            [
                "2:features::desk",
                "2:features::desk::intake",
                "3:features::tickets::rows",
                "4:features::people",
                "7:platform::db::Db",
            ]
        );
    }

    #[test]
    fn names_brought_in_by_use_are_followed() {
        let source = "use crate::features::tickets as t;\nfn f() { t::rows::load(); other::rows::load(); }\n";
        assert_eq!(
            paths(source, "features/alerts/rules.rs"),
            ["1:features::tickets", "2:features::tickets::rows::load",]
        );
    }

    #[test]
    fn self_and_super_go_through_inline_modules() {
        let source = "use super::rows;\nmod tests {\n    use super::super::super::desk::rows::X;\n    fn f() { super::g(); }\n}\nfn h() { self::g(); super::super::desk::api::y() }\n";
        assert_eq!(
            paths(source, "features/alerts/rules.rs"),
            [
                "1:features::alerts::rows",
                "3:features::desk::rows::X",
                "4:features::alerts::rules::g",
                "6:features::alerts::rules::g",
                "6:features::desk::api::y",
            ]
        );
    }

    #[test]
    fn text_in_strings_and_comments_is_not_a_path() {
        let source = "// crate::features::desk::rows\nconst A: &str = \"crate::features::desk::rows\";\n/* use crate::x::y; */\n";
        assert_eq!(paths(source, "platform/db.rs"), [""; 0]);
    }

    #[test]
    fn generic_arguments_are_read_as_paths_too() {
        let source = "fn f(x: Vec<crate::features::desk::rows::Model>) -> impl Fn() + use<'_> { crate::a::b::<crate::c::D>() }";
        assert_eq!(
            paths(source, "platform/db.rs"),
            ["1:features::desk::rows::Model", "1:a::b", "1:c::D",]
        );
    }

    #[test]
    fn an_unfinished_use_does_not_hang() {
        assert_eq!(
            paths("use crate::{a::{b, c", "lib.rs"),
            ["1:a::b", "1:a::c"]
        );
        assert_eq!(paths("use", "lib.rs"), [""; 0]);
    }
}
