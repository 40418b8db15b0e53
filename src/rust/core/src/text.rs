//! Text that a server, a file or a process supplied, made fit to be shown.

/// Cleans and shortens text for messages, logs and prints: what a terminal would obey (control characters, line breaks
/// among them) and what changes the direction of text becomes U+FFFD, and what is longer than `width` characters ends
/// in three dots.
pub fn clean(text: &str, width: usize) -> String {
    let keep = match text.char_indices().nth(width) {
        Some(_) => width.saturating_sub(3),
        None => width,
    };
    let mut shown: String = text
        .chars()
        .take(keep)
        .map(|c| if is_unfit(c) { '\u{fffd}' } else { c })
        .collect();
    if keep < width {
        shown.push_str("...");
    }
    shown
}

fn is_unfit(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_terminal_is_given_no_orders() {
        let text =
            "\u{1b}[2J\u{1b}]0;owned\u{7}\r\nERROR: forged\u{9b}1m\u{202e}txt\u{2066}\u{2028}";
        let shown = clean(text, 100);
        assert_eq!(
            shown,
            "\u{fffd}[2J\u{fffd}]0;owned\u{fffd}\u{fffd}\u{fffd}ERROR: forged\u{fffd}1m\u{fffd}txt\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn other_text_stays_as_it_is() {
        for text in [
            "",
            "Session not found",
            "na\u{ef}ve \u{5d0}\u{5d1} \u{1f600}",
        ] {
            assert_eq!(clean(text, 30), text);
        }
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(clean("abcdef", 6), "abcdef");
        assert_eq!(clean("abcdefg", 6), "abc...");
        assert_eq!(
            clean(&"\u{e9}".repeat(9), 8),
            format!("{}...", "\u{e9}".repeat(5))
        );
        assert_eq!(clean(&"x".repeat(1 << 20), 500).len(), 500);
    }
}
