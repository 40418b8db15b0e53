//! Text from a server, a file or a process, made safe to show.

/// Cleans and shortens text for messages, logs and prints. Control characters, line breaks included, and characters that
/// change the direction of text become U+FFFD. Text of more than `width` characters ends in three dots.
pub fn clean(text: &str, width: usize) -> String {
    let keep = match text.char_indices().nth(width) {
        Some(_) => width.saturating_sub(3),
        None => width,
    };
    let mut shown: String = text
        .chars()
        .take(keep)
        .map(|c| if is_unsafe(c) { '\u{fffd}' } else { c })
        .collect();
    if keep < width {
        shown.push_str("...");
    }
    shown
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let text =
            "\u{1b}[2J\u{1b}]0;owned\u{7}\r\nERROR: forged\u{9b}1m\u{202e}txt\u{2066}\u{2028}";
        let shown = clean(text, 100);
        assert_eq!(
            shown,
            "\u{fffd}[2J\u{fffd}]0;owned\u{fffd}\u{fffd}\u{fffd}ERROR: forged\u{fffd}1m\u{fffd}txt\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn other_text_is_unchanged() {
        for text in [
            "",
            "Session not found",
            "na\u{ef}ve \u{5d0}\u{5d1} \u{1f600}",
        ] {
            assert_eq!(clean(text, 30), text);
        }
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        assert_eq!(clean("abcdef", 6), "abcdef");
        assert_eq!(clean("abcdefg", 6), "abc...");
        assert_eq!(
            clean(&"\u{e9}".repeat(9), 8),
            format!("{}...", "\u{e9}".repeat(5))
        );
        assert_eq!(clean(&"x".repeat(1 << 20), 500).len(), 500);
    }
}
