//! XML, as STS and S3 send it.

/// A time in seconds since 1970, such as `2026-01-31T23:59:59Z`.
pub fn iso_8601(seconds: f64) -> String {
    let seconds = seconds as u64;
    let (days, time) = (seconds / 86_400, seconds % 86_400);
    // Years start in March, so that the leap day is their last day.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = era * 400 + year + month / 10;
    let month = (month + 2) % 12 + 1;
    let (hours, minutes, seconds) = (time / 3600, time / 60 % 60, time % 60);
    format!("{year:04}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}Z")
}

/// An element with elements in it.
pub fn tag(name: &str, content: &str) -> String {
    format!("<{name}>{content}</{name}>")
}

/// An element with a text.
pub fn element(name: &str, text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            '\r' => escaped += "&#13;",
            '\t' | '\n' => escaped.push(c),
            // XML cannot contain these.
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    tag(name, &escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written() {
        for (seconds, text) in [
            (0.0, "1970-01-01T00:00:00Z"),
            (951_825_600.9, "2000-02-29T12:00:00Z"),
            (951_868_800.0, "2000-03-01T00:00:00Z"),
            (1_795_518_733.0, "2026-11-24T11:12:13Z"),
            (1_798_761_599.0, "2026-12-31T23:59:59Z"),
            (1_798_761_600.0, "2027-01-01T00:00:00Z"),
        ] {
            assert_eq!(iso_8601(seconds), text);
        }
    }

    #[test]
    fn text_cannot_break_the_xml() {
        assert_eq!(
            element("Message", "a<b> & \"c\"\r\n\u{1}\u{ffff}é"),
            "<Message>a&lt;b&gt; &amp; \"c\"&#13;\n\u{fffd}\u{fffd}é</Message>"
        );
    }
}
