//! What reviewers said about the sessions of a folder: `reviews.jsonl`, to which applications append lines.

use crate::batch::files::remove_abandoned;
use crate::file::{self, Links};
use crate::json::Value;
use std::collections::HashSet;
use std::io;
use std::path::Path;

const REVIEWS: &str = "reviews.jsonl";
const MAX_BYTES: u64 = 1 << 30;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Whether the file can be read and replaced.
pub fn check(dir: &Path) -> io::Result<()> {
    match file::read(&dir.join(REVIEWS), MAX_BYTES, Links::Refuse) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.and_then(|_| file::check_replace(dir, REVIEWS)),
    }
}

/// Deletes the lines about these sessions. The caller prevents others from doing so at the same time.
pub fn delete(dir: &Path, session_ids: &HashSet<String>) -> io::Result<()> {
    remove_abandoned(dir);
    let path = dir.join(REVIEWS);
    loop {
        let content = match file::read(&path, MAX_BYTES, Links::Refuse) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            other => other?,
        };
        let kept = without(&content, session_ids);
        if kept.len() == content.len() {
            return Ok(());
        }
        // A line that was appended in the meantime is kept, even if it was appended without the lock.
        if std::fs::metadata(&path)?.len() == content.len() as u64 {
            return file::replace(dir, REVIEWS, &kept);
        }
    }
}

/// The lines that are not about these sessions. What is not a review is kept.
fn without(content: &[u8], session_ids: &HashSet<String>) -> Vec<u8> {
    let is_about = |line: &[u8]| {
        // An editor may have put a byte order mark before the first line.
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        let review = Value::parse(line).ok();
        let id = review
            .as_ref()
            .and_then(|review| review.string("session_id"));
        id.is_some_and(|id| session_ids.contains(&*id))
    };
    let lines = content.split_inclusive(|byte| *byte == b'\n');
    lines
        .filter(|line| !is_about(line))
        .collect::<Vec<_>>()
        .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_reviews_of_these_sessions_are_deleted() {
        let text = concat!(
            "{\"session_id\":\"a\",\"label\":\"live\"}\n",
            "{\"session_id\":\"b\",\"note\":\"a\"}\r\n",
            "\n",
            "not JSON, a\n",
            "{\"session_id\":[\"a\"]}\n",
            "{\"note\": \"x\", \"session_id\" : \"\\u0061\"}\n",
            "\u{feff}{\"session_id\":\"ab\"}",
        );
        let kept = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).to_owned()).collect();
            String::from_utf8(without(text.as_bytes(), &ids)).unwrap()
        };
        assert_eq!(kept(&["c"]), text);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        assert_eq!(kept(&["a"]), [&lines[1..5], &lines[6..]].concat().concat());
        assert_eq!(
            kept(&["ab", "b"]),
            [&lines[..1], &lines[2..6]].concat().concat()
        );
    }
}
