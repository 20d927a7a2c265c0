//! Telephone numbers as people write them, made comparable.

/// The digits by which a caller is found again: without the country's code, an extension, or signs.
///
/// `+86 571-8888 1234`, `0571-88881234转801` and `(0571)88881234-801` all give `057188881234`.
#[must_use]
pub fn digits(text: &str) -> String {
    let (number, _) = text.split_once(['转', '#', 'x', 'X']).unwrap_or((text, ""));
    let (foreign, number) = without_country(number.trim());
    let number = without_extension(number, foreign);
    let mut digits: String = number.chars().filter(char::is_ascii_digit).collect();
    // After +86 the area code lost its zero; a mobile number, 1 and ten more digits, never had one.
    let mobile = digits.len() == 11 && digits.starts_with('1');
    if foreign && !mobile && !digits.is_empty() && !digits.starts_with('0') {
        digits.insert(0, '0');
    }
    digits
}

fn without_country(number: &str) -> (bool, &str) {
    let found = ["+86", "0086", "(+86)", "（+86）"]
        .iter()
        .find_map(|prefix| number.strip_prefix(prefix));
    found.map_or((false, number), |rest| (true, rest))
}

/// Cuts `-801` off what is a whole number without it.
fn without_extension(number: &str, foreign: bool) -> &str {
    let Some((front, last)) = number.rsplit_once('-') else {
        return number;
    };
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    let (all, front_digits) = (digits(number), digits(front));
    let mobile = all.len() == 11 && all.starts_with('1');
    // With an area code (three digits and its zero, which +86 takes away) or without one.
    let whole = match (foreign, front_digits.starts_with('0')) {
        (true, _) => 9,
        (false, true) => 10,
        (false, false) => 7,
    };
    if !mobile && (1..=5).contains(&digits(last).len()) && front_digits.len() >= whole {
        front
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_number_in_many_notations() {
        for text in [
            "0571-88881234",
            "(0571)88881234",
            "（0571）8888 1234",
            "+86 571-88881234",
            "+86-571-8888-1234",
            "0571-88881234转801",
            "0571-88881234-801",
            "0571 88881234#9",
        ] {
            assert_eq!(digits(text), "057188881234", "{text}");
        }
        for text in [
            "13800138000",
            "138-0013-8000",
            "+86 138 0013 8000",
            "008613800138000",
        ] {
            assert_eq!(digits(text), "13800138000", "{text}");
        }
        assert_eq!(digits("88881234-801"), "88881234");
        assert_eq!(digits("8888-1234"), "88881234");
        assert_eq!(digits("110"), "110");
        assert_eq!(digits(""), "");
        assert_eq!(digits("转801"), "");
    }
}
