//! The causes of an error, as text.

use crate::causes::causes;
use crate::sdk_text;
use std::error::Error as StdError;
use std::fmt;

/// One cause of an error, and the cause of that one.
///
/// The SDK's errors are not kept, because some of them show whole requests, tokens included: a cause is cleaned text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    text: String,
    next: Option<Box<Cause>>,
}

impl Cause {
    /// This error and its causes, from the outside in. A text that repeats an earlier one is left out.
    pub fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut texts: Vec<String> = Vec::new();
        for cause in causes(error) {
            let text = sdk_text::line(cause);
            if !texts.iter().any(|earlier| earlier.contains(&text)) {
                texts.push(text);
            }
        }
        let outermost = texts.remove(0);
        let next = texts
            .into_iter()
            .rev()
            .fold(None, |next, text| Some(Box::new(Cause { text, next })));
        Cause {
            text: outermost,
            next,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.next.as_deref().map(|next| next as _)
    }
}
