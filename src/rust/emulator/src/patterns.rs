//! The patterns of strings in the model.

use regex_lite::Regex;
use rekognition_model::model;
use std::collections::HashMap;
use std::sync::OnceLock;

/// The patterns of tags, whose character classes regex-lite does not know.
const TAG_KEY: &str = "^(?!aws:)[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*$";
const TAG_VALUE: &str = "^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$";

/// Whether all of the text matches a pattern of the model.
pub fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        TAG_KEY => !text.starts_with("aws:") && text.chars().all(is_tag_character),
        TAG_VALUE => text.chars().all(is_tag_character),
        _ => compiled()
            .get(pattern)
            .is_none_or(|regex| regex.is_match(text)),
    }
}

fn compiled() -> &'static HashMap<&'static str, Regex> {
    static COMPILED: OnceLock<HashMap<&'static str, Regex>> = OnceLock::new();
    COMPILED.get_or_init(|| {
        model()
            .shapes()
            .iter()
            .filter_map(|shape| {
                let pattern = shape.bounds.pattern.as_deref()?;
                Some((pattern, Regex::new(&format!("^(?:{pattern})$")).ok()?))
            })
            .collect()
    })
}

/// Letters, separators, numbers and some punctuation. Rust's letters include a few marks that are none in the pattern.
fn is_tag_character(c: char) -> bool {
    let is_separator = matches!(
        c,
        ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    );
    is_separator || c.is_alphabetic() || c.is_numeric() || "_.:/=+-@".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_model_is_checked() {
        let patterns = model().shapes().iter();
        for pattern in patterns.filter_map(|shape| shape.bounds.pattern.as_deref()) {
            let is_known =
                [TAG_KEY, TAG_VALUE].contains(&pattern) || compiled().contains_key(pattern);
            assert!(is_known, "{pattern}");
        }
        assert!(!compiled().contains_key(TAG_KEY));
    }

    #[test]
    fn a_pattern_matches_all_of_the_text() {
        let collection = "[a-zA-Z0-9_.\\-]+";
        assert!(matches(collection, "my-collection_1.2"));
        for bad in ["", "a b", "a\n", "é"] {
            assert!(!matches(collection, bad), "{bad:?}");
        }
        let token = "^[a-zA-Z0-9-_]+$";
        assert!(matches(token, "a-b_9"));
        assert!(!matches(token, "a.b"));
    }

    #[test]
    fn tags_have_letters_of_all_scripts() {
        assert!(matches(TAG_KEY, "Größe 大きさ/1=2"));
        assert!(!matches(TAG_KEY, "aws:x"));
        assert!(matches(TAG_VALUE, "aws:x"));
        assert!(!matches(TAG_VALUE, "a#b"));
    }
}
