//! Passwords do not belong into tickets: finds what looks like one, to warn, never to block.

/// Words a secret is announced with; compared without regard to case.
const WORDS: [&str; 11] = [
    "密码",
    "口令",
    "密钥",
    "验证码",
    "password",
    "passwd",
    "pwd",
    "secret",
    "token",
    "api key",
    "apikey",
];

/// Whether the text looks as if it held a password, as in `密码:xxx`, `口令是 xxx` or `pwd=xxx`.
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    // Bounded: a long text is scanned once per word, and only its beginning.
    let text: String = text.chars().take(20_000).collect::<String>().to_lowercase();
    WORDS.iter().any(|word| {
        text.match_indices(word)
            .any(|(at, _)| announces(&text[at + word.len()..]))
    })
}

/// Whether what follows the word hands over a value: a colon, equals sign or 是/为, then something that is not Chinese prose.
fn announces(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '\t', '　', '"', '\'', '”']);
    let Some(value) = rest
        .strip_prefix([':', '：', '=', '＝'])
        .or_else(|| rest.strip_prefix(['是', '为']))
    else {
        return false;
    };
    let value = value.trim_start_matches([' ', '\t', '　', '"', '\'', '“', ':', '：']);
    let secret = value
        .chars()
        .take_while(|c| c.is_ascii_graphic() || matches!(c, '＊' | '•'))
        .count();
    let masked = value
        .chars()
        .take(secret)
        .all(|c| matches!(c, '*' | '＊' | '•' | '.'));
    secret >= 3 && !masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r361_password_in_a_text_is_noticed() {
        for text in [
            "密码:xxx",
            "管理员密码：Admin@123",
            "口令是 abc123",
            "PASSWORD = hunter2",
            "pwd=123456 请登录",
            "token: eyJhbGciOi",
            "密码 为 a1b2c3",
        ] {
            assert!(looks_secret(text), "{text}");
        }
    }

    #[test]
    fn talking_about_passwords_is_fine() {
        for text in [
            "用户忘记密码",
            "密码已重置，请用户自行修改",
            "密码是否过期？",
            "重置口令后正常",
            "密码:****",
            "password policy updated",
            "",
            "密码：",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }
}
