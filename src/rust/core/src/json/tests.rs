use super::*;

fn text(json: &str) -> String {
    match Value::parse(json.as_bytes()) {
        Ok(Value::String(text)) => text.unescape_lossy().into_owned(),
        other => panic!("{json}: {other:?}"),
    }
}

fn number(json: &str) -> Option<f64> {
    match Value::parse(json.as_bytes()) {
        Ok(Value::Number(number)) => number.to_f64(),
        other => panic!("{json}: {other:?}"),
    }
}

#[test]
fn a_number_is_the_double_nearest_to_its_text() {
    for (json, double) in [
        ("99.95", 99.95_f64),
        ("98.63105010986328", 98.63105010986328),
        ("0", 0.0),
        ("-1.5e-3", -0.0015),
        ("1E2", 100.0),
        (
            "2.2250738585072011e-308",
            f64::from_bits(0x000f_ffff_ffff_ffff),
        ),
        ("9007199254740993", 9007199254740992.0),
        ("1e-400", 0.0),
    ] {
        assert_eq!(
            number(json).map(f64::to_bits),
            Some(double.to_bits()),
            "{json}"
        );
    }
    assert_eq!(number("1e400"), None);
}

#[test]
fn escapes_stand_for_their_characters() {
    assert_eq!(text(r#""\"\\\/\b\f\n\r\t""#), "\"\\/\u{8}\u{c}\n\r\t");
    assert_eq!(text(r#""a\u00e9\ud83d\ude00z""#), "a\u{e9}\u{1f600}z");
    assert_eq!(text("\"\u{e9}\u{1f600}\""), "\u{e9}\u{1f600}");
    assert_eq!(text(r#""""#), "");
    assert_eq!(text(r#""\u0000""#), "\0");
}

#[test]
fn half_a_surrogate_pair_is_valid_json_but_not_a_string() {
    for (json, lossy) in [
        (r#""\ud800""#, "\u{fffd}"),
        (r#""\ud800\u0041""#, "\u{fffd}A"),
        (r#""\udc00\ud800""#, "\u{fffd}\u{fffd}"),
        (r#""\ud800\n""#, "\u{fffd}\n"),
    ] {
        match Value::parse(json.as_bytes()) {
            Ok(Value::String(text)) => {
                assert_eq!(text.unescape(), None, "{json}");
                assert_eq!(text.unescape_lossy(), lossy, "{json}");
            }
            other => panic!("{json}: {other:?}"),
        }
    }
}

#[test]
fn the_last_of_repeated_members_counts() {
    let value = Value::parse(br#"{"a":1,"\u0061":2}"#).unwrap();
    assert_eq!(value.get("a"), Some(&Value::Number(Number("2"))));
    assert_eq!(value.get("b"), None);
}

#[test]
fn text_that_is_not_json_is_refused() {
    for json in [
        "",
        " ",
        "{",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "nul",
        "nulll",
        "True",
        "NaN",
        "Infinity",
        "-",
        "+1",
        "01",
        "1.",
        ".5",
        "1e",
        "1e+",
        "0x1",
        "-01",
        "\"",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "\"\u{1}\"",
        "1 2",
        "{} x",
        "[] []",
        "\u{feff}{}",
        "<html></html>",
        "'a'",
        "[1}",
        "{\"a\":1]",
        "/**/1",
        "\"\\u+123\"",
    ] {
        assert!(
            Value::parse(json.as_bytes()).is_err(),
            "{json:?} was accepted"
        );
    }
    assert!(Value::parse(b"\"\xff\"").is_err());
    assert!(Value::parse(b"\"\xed\xa0\x80\"").is_err());
}

#[test]
fn every_prefix_of_a_text_is_refused() {
    let json = r#"{"a":[1.5e3,"x\u00e9\\",null,true,{"b":false}],"c":-0.1}"#;
    assert!(Value::parse(json.as_bytes()).is_ok());
    for end in 0..json.len() {
        assert!(
            Value::parse(&json.as_bytes()[..end]).is_err(),
            "{}",
            &json[..end]
        );
    }
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(Value::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
    assert!(Value::parse(nested(MAX_DEPTH + 1).as_bytes()).is_err());
    assert!(Value::parse(nested(100_000).as_bytes()).is_err());
    assert!(Value::parse("{\"a\":".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn a_control_character_is_found_wherever_it_is() {
    for length in 0..100 {
        let good: String = "aé\u{7f}~ ".chars().cycle().take(length).collect();
        let text = format!("\"{good}\"");
        assert!(Value::parse(text.as_bytes()).is_ok(), "{text}");
        for at in 0..=good.len() {
            if !good.is_char_boundary(at) {
                continue;
            }
            for control in ["\0", "\n", "\u{1f}"] {
                let text = format!("\"{}{control}{}\"", &good[..at], &good[at..]);
                let malformed = Value::parse(text.as_bytes()).unwrap_err();
                assert_eq!(malformed.problem, "control character in a string");
                assert_eq!(malformed.offset, at + 1);
            }
        }
    }
}
