//! Reads `export default { … }` of a TypeScript file that holds nothing but texts: nested objects
//! and string literals.

use serde_json::{Map, Value};
use std::iter::Peekable;
use std::str::Chars;

/// The object after `export default`, or why it is not a plain one.
pub fn parse(source: &str) -> Result<Value, String> {
    let (_, object) = source
        .split_once("export default")
        .ok_or("no `export default`")?;
    let mut reader = Reader {
        chars: object.chars().peekable(),
    };
    reader.blanks();
    reader.value()
}

struct Reader<'a> {
    chars: Peekable<Chars<'a>>,
}

impl Reader<'_> {
    fn value(&mut self) -> Result<Value, String> {
        match self.chars.peek() {
            Some('{') => self.object(),
            Some('\'' | '"' | '`') => self.texts(),
            other => Err(format!("neither a text nor an object: {other:?}")),
        }
    }

    fn object(&mut self) -> Result<Value, String> {
        self.chars.next();
        let mut entries = Map::new();
        loop {
            self.blanks();
            match self.chars.peek() {
                Some('}') => {
                    self.chars.next();
                    return Ok(Value::Object(entries));
                }
                Some(',') => {
                    self.chars.next();
                }
                Some(_) => {
                    let key = self.key()?;
                    self.blanks();
                    if self.chars.next() != Some(':') {
                        return Err(format!("no `:` after `{key}`"));
                    }
                    self.blanks();
                    let value = self.value().map_err(|error| format!("{key}: {error}"))?;
                    if entries.insert(key.clone(), value).is_some() {
                        return Err(format!("`{key}` stands there twice"));
                    }
                }
                None => return Err("the object has no end".to_owned()),
            }
        }
    }

    fn key(&mut self) -> Result<String, String> {
        if let Some('\'' | '"') = self.chars.peek() {
            return self.text();
        }
        let mut key = String::new();
        while let Some(c) = self
            .chars
            .next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
        {
            key.push(c);
        }
        if key.is_empty() {
            return Err(format!("not a key: {:?}", self.chars.peek()));
        }
        Ok(key)
    }

    /// One text, or several joined by `+`.
    fn texts(&mut self) -> Result<Value, String> {
        let mut all = self.text()?;
        loop {
            self.blanks();
            if self.chars.next_if_eq(&'+').is_none() {
                return Ok(Value::String(all));
            }
            self.blanks();
            all.push_str(&self.text()?);
        }
    }

    fn text(&mut self) -> Result<String, String> {
        let quote = self.chars.next().ok_or("a text is missing")?;
        let mut text = String::new();
        loop {
            match self.chars.next() {
                Some('\\') => text.extend(self.chars.next()),
                Some(c) if c == quote => return Ok(text),
                Some(c) => text.push(c),
                None => return Err("a text has no end".to_owned()),
            }
        }
    }

    /// Skips blanks and comments.
    fn blanks(&mut self) {
        loop {
            while self.chars.next_if(|c| c.is_whitespace()).is_some() {}
            let mut ahead = self.chars.clone();
            match (ahead.next(), ahead.next()) {
                (Some('/'), Some('/')) => while self.chars.next_if(|c| *c != '\n').is_some() {},
                (Some('/'), Some('*')) => {
                    let mut last = ' ';
                    self.chars = ahead;
                    for c in self.chars.by_ref() {
                        if last == '*' && c == '/' {
                            break;
                        }
                        last = c;
                    }
                }
                _ => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_texts_are_read() {
        let source = "// 标签\nexport default {\n  a: { b: '取\\'消', 'c-d': \"x\" + 'y' }, /* two */\n  e: `f`, // rest\n} as const\n";
        assert_eq!(
            parse(source).unwrap(),
            json!({"a": {"b": "取'消", "c-d": "xy"}, "e": "f"})
        );
        assert_eq!(parse("export default {}\n").unwrap(), json!({}));
    }

    #[test]
    fn what_is_not_plain_is_refused_with_its_place() {
        let refused = |source: &str| parse(source).unwrap_err();
        assert!(refused("export default { a: { b: 3 } }").starts_with("a: b: neither"));
        assert!(refused("export default { a: 'x', a: 'y' }").contains("twice"));
        assert!(refused("export default { a: 'x").contains("no end"));
        assert!(refused("export default { ...a }").contains("not a key"));
        assert!(refused("const a = {}").contains("export default"));
    }
}
