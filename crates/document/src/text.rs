//! Making strangers' text safe to print, and measuring it.

/// Longest run of characters without a natural break that is printed unbroken.
const LONGEST_WORD: usize = 16;
/// More combining marks than this on one letter are dropped: they would paint over the lines above.
const MOST_MARKS: usize = 4;

/// `text` as it may be printed: line ends are `\n`, control characters and noncharacters become `�`, invisible and
/// direction-changing characters (which could make a signed text read differently) disappear, tabs become spaces.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut marks = 0;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        match c {
            '\r' => {
                if chars.peek() != Some(&'\n') {
                    out.push('\n');
                }
            }
            '\n' => out.push('\n'),
            '\u{2028}' | '\u{2029}' | '\u{b}' | '\u{c}' | '\u{85}' => out.push('\n'),
            '\t' => out.push_str("    "),
            c if is_invisible(c) => {}
            c if c.is_control() || is_noncharacter(c) => out.push('\u{fffd}'),
            _ if marks > MOST_MARKS => {}
            c => out.push(c),
        }
    }
    out
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{fdd0}'..='\u{fdef}') || (c as u32) & 0xfffe == 0xfffe
}

fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}' | '\u{64b}'..='\u{65f}'
        | '\u{e31}' | '\u{e34}'..='\u{e3a}' | '\u{e47}'..='\u{e4e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// `text` with zero-width spaces where a long word (an address, a log line, a key) may break over the line.
#[must_use]
pub fn breakable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive(|c: char| c.is_whitespace() || is_wide(c)) {
        if word.chars().count() <= LONGEST_WORD + 1 {
            out.push_str(word);
        } else {
            break_word(word, &mut out);
        }
    }
    out
}

/// Break points after the signs addresses and paths are made of, and at the latest every [`LONGEST_WORD`] characters.
fn break_word(word: &str, out: &mut String) {
    let mut run = 0;
    for c in word.chars() {
        if run >= LONGEST_WORD && !is_mark(c) {
            out.push('\u{200b}');
            run = 0;
        }
        run += 1;
        out.push(c);
        if run >= 4
            && matches!(
                c,
                '/' | '.' | '_' | '&' | '?' | '=' | '-' | ',' | ';' | ':' | '@'
            )
        {
            out.push('\u{200b}');
            run = 0;
        }
    }
}

/// Whether a character is as wide as a Chinese one.
#[must_use]
pub fn is_wide(c: char) -> bool {
    matches!(c as u32, 0x1100..=0x115f | 0x2014 | 0x2026 | 0x2460..=0x24ff | 0x25a0..=0x25ff | 0x2610..=0x2612 | 0x2e80..=0xa4cf | 0xac00..=0xd7a3
        | 0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 | 0x1f300..=0x1faff | 0x20000..=0x3fffd)
}

/// Estimated width of the text in em (one Chinese character = 1.0), without asking a font.
#[must_use]
pub fn width_em(text: &str) -> f64 {
    text.chars()
        .map(|c| match c {
            c if is_wide(c) => 1.0,
            'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.3,
            'm' | 'w' | 'M' | 'W' | '%' | '@' => 0.9,
            'A'..='Z' => 0.66,
            _ => 0.56,
        })
        .sum()
}

/// The text cut to `em` with an ellipsis, for labels that must not grow.
#[must_use]
pub fn shorten(text: &str, em: f64) -> String {
    if width_em(text) <= em {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1.0;
    for c in text.chars() {
        used += width_em(c.encode_utf8(&mut [0; 4]));
        if used > em {
            break;
        }
        out.push(c);
    }
    out.push('…');
    out
}

/// A title in lines of about the same length, none longer than `em`; one that fits, or that has line ends, stays as it is.
#[must_use]
pub fn balance(title: &str, em: f64) -> String {
    let width = width_em(title);
    if width <= em || em < 2.0 || title.contains('\n') {
        return title.to_owned();
    }
    let share = width / (width / em).ceil();
    let (mut out, mut used) = (String::new(), 0.0);
    for c in title.chars() {
        if used >= share && (is_wide(c) || c == ' ') && !"，。、；：）》」』！？".contains(c)
        {
            out.push('\n');
            used = 0.0;
        }
        out.push(c);
        used += width_em(c.encode_utf8(&mut [0; 4]));
    }
    out
}

/// The text escaped for XML and HTML, in elements and in double-quoted attributes.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_become_visible_or_vanish() {
        assert_eq!(clean("a\0b\u{1b}[31m"), "a\u{fffd}b\u{fffd}[31m");
        assert_eq!(clean("付\u{202e}款\u{200b}人"), "付款人");
        assert_eq!(clean("一\r\n二\r三\u{2028}四"), "一\n二\n三\n四");
        assert_eq!(
            clean(&format!("e{}", "\u{301}".repeat(50))).chars().count(),
            1 + MOST_MARKS
        );
        assert_eq!(clean("\u{ffff}"), "\u{fffd}");
    }

    #[test]
    fn long_words_gain_break_points_and_short_ones_do_not() {
        assert_eq!(
            breakable("巡检 normal 单 100.000%"),
            "巡检 normal 单 100.000%"
        );
        let broken = breakable(&"x".repeat(100));
        assert!(
            broken
                .split('\u{200b}')
                .all(|part| part.chars().count() <= LONGEST_WORD)
        );
        assert_eq!(broken.replace('\u{200b}', ""), "x".repeat(100));
    }

    #[test]
    fn titles_break_evenly() {
        assert_eq!(
            balance("某市政务服务中心信息系统运维服务月度报告", 17.0),
            "某市政务服务中心信息\n系统运维服务月度报告"
        );
        assert_eq!(balance("月报", 17.0), "月报");
        assert_eq!(balance("一\n二", 1.0), "一\n二");
    }

    #[test]
    fn labels_are_cut_to_width() {
        assert_eq!(shorten("应用服务器", 5.0), "应用服务器");
        assert_eq!(shorten("应用服务器", 4.0), "应用服…");
    }
}
