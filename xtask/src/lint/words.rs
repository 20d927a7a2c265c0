//! Work that was left unfinished or a test that was switched off does not get in.

use super::Finding;
use super::files::File;

/// A word that may not appear, and in which kinds of files.
struct Word {
    text: &'static str,
    endings: &'static [&'static str],
}

const ALL: &[&str] = &[
    "rs", "toml", "ts", "vue", "js", "mjs", "css", "html", "json", "yaml", "yml", "md", "sh", "sql",
];
const RUST: &[&str] = &["rs"];
const WEB: &[&str] = &["ts", "vue", "js", "mjs"];

// Written in two halves, so that this file does not find itself.
const WORDS: &[Word] = &[
    Word {
        text: concat!("TO", "DO"),
        endings: ALL,
    },
    Word {
        text: concat!("FIX", "ME"),
        endings: ALL,
    },
    Word {
        text: concat!("敬请", "期待"),
        endings: ALL,
    },
    Word {
        text: concat!("暂未", "实现"),
        endings: ALL,
    },
    Word {
        text: concat!("coming", " soon"),
        endings: ALL,
    },
    Word {
        text: concat!("lorem", " ipsum"),
        endings: ALL,
    },
    Word {
        text: concat!("todo", "!"),
        endings: RUST,
    },
    Word {
        text: concat!("unimplemented", "!"),
        endings: RUST,
    },
    Word {
        text: concat!("#[", "ignore"),
        endings: RUST,
    },
    Word {
        text: concat!("it", ".skip("),
        endings: WEB,
    },
    Word {
        text: concat!("it", ".only("),
        endings: WEB,
    },
    Word {
        text: concat!("it", ".todo("),
        endings: WEB,
    },
    Word {
        text: concat!("test", ".skip("),
        endings: WEB,
    },
    Word {
        text: concat!("test", ".only("),
        endings: WEB,
    },
    Word {
        text: concat!("describe", ".skip("),
        endings: WEB,
    },
    Word {
        text: concat!("describe", ".only("),
        endings: WEB,
    },
];

/// Every line with a forbidden word.
pub fn check(tree: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree {
        // Check sums in a lock file may spell anything.
        if file.path.ends_with("package-lock.json") {
            continue;
        }
        let words: Vec<&Word> = WORDS
            .iter()
            .filter(|word| word.endings.contains(&file.ending()))
            .collect();
        for (number, line) in file.text.lines().enumerate() {
            for word in &words {
                if has_word(line, word.text) {
                    let text = format!("`{}`: finish it, or take it out", word.text);
                    findings.push(Finding::new(&file.path, number + 1, text));
                }
            }
        }
    }
    findings
}

/// Whether `line` contains `word` with no letter directly before or after it.
fn has_word(line: &str, word: &str) -> bool {
    let (first, last) = (word.chars().next(), word.chars().next_back());
    // Chinese runs on without blanks: there, the letters around a word say nothing.
    let joins = |c: char| c.is_ascii_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let runs_on = |inner: Option<char>, outer: Option<char>| {
            inner.is_some_and(joins) && outer.is_some_and(joins)
        };
        !runs_on(first, before) && !runs_on(last, after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        let file = File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        check(&[file]).into_iter().map(|f| f.line).collect()
    }

    #[test]
    fn words_are_found_whole_and_only_where_they_mean_something() {
        let todo = concat!("TO", "DO");
        assert_eq!(lines("a.rs", &format!("x\n// {todo}: later\n")), [2]);
        assert_eq!(lines("a.md", &format!("{todo}\n")), [1]);
        assert_eq!(lines("a.rs", &format!("const {todo}S: u8 = 1;\n")), [0; 0]);
        assert_eq!(lines("a.rs", concat!("#[", "ignore = \"slow\"]\n")), [1]);
        assert_eq!(
            lines("a.rs", concat!("    unimplemented", "!(\"x\")\n")),
            [1]
        );
        assert_eq!(lines("a.spec.ts", concat!("it", ".skip('x')\n")), [1]);
        assert_eq!(lines("a.rs", "let x = iter.skip(3);\n"), [0; 0]);
        assert_eq!(
            lines("a.vue", concat!("<p>该功能敬请", "期待。</p>\n")),
            [1]
        );
        assert_eq!(lines("a.ts", "await.skip(3)\n"), [0; 0]);
        assert_eq!(
            lines("web/package-lock.json", &format!("\"{todo}\"\n")),
            [0; 0]
        );
    }
}
