//! Just enough of Rust's lexical structure to read paths: comments and literals are gone,
//! every token knows its line.

/// A token that matters for paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Word(String),
    /// `::`
    Join,
    /// Any other single character.
    Mark(char),
}

/// A token and its line, counted from 1.
pub type Placed = (Token, usize);

/// Splits Rust source into tokens.
pub fn scan(source: &str) -> Vec<Placed> {
    Scanner {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        tokens: Vec::new(),
    }
    .run()
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    line: usize,
    tokens: Vec<Placed>,
}

impl Scanner {
    fn run(mut self) -> Vec<Placed> {
        while let Some(c) = self.peek(0) {
            match c {
                '/' if self.peek(1) == Some('/') => self.skip_while(|c| c != '\n'),
                '/' if self.peek(1) == Some('*') => self.block_comment(),
                '"' => self.string(),
                '\'' => self.quote(),
                ':' if self.peek(1) == Some(':') => {
                    self.tokens.push((Token::Join, self.line));
                    self.at += 2;
                }
                c if c.is_alphabetic() || c == '_' => self.word(),
                c if c.is_numeric() => {
                    self.skip_while(|c| c.is_alphanumeric() || c == '_');
                }
                c if c.is_whitespace() => self.step(),
                c => {
                    self.tokens.push((Token::Mark(c), self.line));
                    self.step();
                }
            }
        }
        self.tokens
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn step(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line += 1;
        }
        self.at += 1;
    }

    fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek(0).is_some_and(&wanted) {
            self.step();
        }
    }

    /// Block comments nest.
    fn block_comment(&mut self) {
        let mut depth = 0;
        while self.at < self.chars.len() {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.step(),
            }
        }
    }

    fn string(&mut self) {
        self.step();
        while let Some(c) = self.peek(0) {
            self.step();
            match c {
                '\\' => self.step(),
                '"' => return,
                _ => {}
            }
        }
    }

    /// A character literal or a lifetime.
    fn quote(&mut self) {
        self.step();
        if self.peek(0) == Some('\\') {
            self.step();
            self.step();
            self.skip_while(|c| c != '\'');
            self.step();
        } else if self.peek(1) == Some('\'') {
            self.step();
            self.step();
        } else {
            self.skip_while(|c| c.is_alphanumeric() || c == '_');
        }
    }

    fn word(&mut self) {
        let line = self.line;
        let start = self.at;
        self.skip_while(|c| c.is_alphanumeric() || c == '_');
        let word: String = self.chars[start..self.at].iter().collect();
        let prefix = matches!(word.as_str(), "r" | "b" | "br" | "c" | "cr");
        match self.peek(0) {
            Some('"') if prefix && word.ends_with('r') => self.raw_string(),
            Some('"') if prefix => self.string(),
            Some('\'') if word == "b" => self.quote(),
            Some('#') if prefix && word.ends_with('r') => self.raw_string_or_word(),
            _ => self.tokens.push((Token::Word(word), line)),
        }
    }

    fn raw_string_or_word(&mut self) {
        let mut hashes = 0;
        while self.peek(hashes) == Some('#') {
            hashes += 1;
        }
        if self.peek(hashes) == Some('"') {
            self.raw_string();
        } else {
            // r#type is a word.
            self.at += 1;
        }
    }

    fn raw_string(&mut self) {
        let mut hashes = 0;
        while self.peek(0) == Some('#') {
            hashes += 1;
            self.at += 1;
        }
        self.step();
        while let Some(c) = self.peek(0) {
            self.step();
            if c == '"' && (0..hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                self.at += hashes;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<String> {
        scan(source)
            .into_iter()
            .filter_map(|(token, _)| match token {
                Token::Word(word) => Some(word),
                Token::Join | Token::Mark(_) => None,
            })
            .collect()
    }

    #[test]
    fn comments_and_literals_hide_what_they_contain() {
        let source =
            "a // crate::x\n/* b /* c */ d */ e \"f \\\" g\" r#\"h \" i\"# b\"j\" k 'l' '\\'' m";
        assert_eq!(words(source), ["a", "e", "k", "m"]);
    }

    #[test]
    fn lifetimes_are_not_characters() {
        assert_eq!(
            words("fn f<'a>(x: &'a str) -> &'static str { x }"),
            ["fn", "f", "x", "str", "str", "x"]
        );
    }

    #[test]
    fn lines_are_counted_through_strings_and_comments() {
        let source = "\"one\ntwo\"\n/* three\nfour */ five";
        assert_eq!(scan(source), [(Token::Word("five".to_owned()), 4)]);
    }

    #[test]
    fn raw_words_are_words() {
        assert_eq!(words("r#type r\"x\" br#\"y\"# z"), ["type", "z"]);
    }
}
