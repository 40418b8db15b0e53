//! A strict JSON parser (RFC 8259) whose values borrow from the text.
//!
//! Numbers are converted to doubles, and escaped strings are unescaped, only on request. So an image of 200 kB is not copied,
//! and no number passes through a narrower type.

mod access;

use std::borrow::Cow;
use std::fmt;

/// The deepest nesting of arrays and objects, so that the parser cannot exhaust the stack.
pub const MAX_DEPTH: usize = 128;

/// Most values in a text, nested ones included. Two bytes of text can become a value of forty bytes.
pub const MAX_VALUES: usize = 1_000_000;

/// The problem of a text that needs more memory than there is.
pub const NO_MEMORY: &str = "no memory for more values";

/// A JSON value, borrowed from its text.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value<'a> {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number<'a>),
    /// A string.
    String(Text<'a>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object: its members in their order, with repeated names.
    Object(Vec<(Text<'a>, Value<'a>)>),
}

/// The text of a valid number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number<'a>(&'a str);

/// The text between the quotes of a valid string.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Text<'a> {
    raw: &'a str,
    escaped: bool,
}

/// What is wrong with a text, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The problem.
    pub problem: &'static str,
    /// Offset in bytes from the start of the text.
    pub offset: usize,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.problem, self.offset)
    }
}

impl std::error::Error for Malformed {}

impl<'a> Number<'a> {
    /// The double nearest to the number, or `None` if it is beyond the range of doubles.
    pub fn to_f64(self) -> Option<f64> {
        self.0.parse().ok().filter(|x: &f64| x.is_finite())
    }
}

impl<'a> Text<'a> {
    /// The string; `None` if it has half a surrogate pair, which is not a character.
    pub fn unescape(self) -> Option<Cow<'a, str>> {
        self.unescape_with(|| None)
    }

    /// The same, with U+FFFD for half a surrogate pair.
    pub fn unescape_lossy(self) -> Cow<'a, str> {
        self.unescape_with(|| Some('\u{fffd}')).unwrap_or_default()
    }

    fn unescape_with(self, half: impl Fn() -> Option<char>) -> Option<Cow<'a, str>> {
        if !self.escaped {
            return Some(Cow::Borrowed(self.raw));
        }
        let mut out = String::with_capacity(self.raw.len());
        let mut rest = self.raw;
        while let Some(at) = rest.find('\\') {
            out.push_str(&rest[..at]);
            let (c, length) = escape(&rest.as_bytes()[at..])?;
            out.push(c.or_else(&half)?);
            rest = &rest[at + length..];
        }
        out.push_str(rest);
        Some(Cow::Owned(out))
    }
}

impl<'a> Value<'a> {
    /// Parses a JSON text.
    pub fn parse(bytes: &'a [u8]) -> Result<Value<'a>, Malformed> {
        let text = std::str::from_utf8(bytes).map_err(|e| Malformed {
            problem: "invalid UTF-8",
            offset: e.valid_up_to(),
        })?;
        let mut parser = Parser {
            text,
            at: 0,
            left: MAX_VALUES,
        };
        parser.skip_space();
        let value = parser.value(0)?;
        parser.skip_space();
        if parser.at < text.len() {
            return Err(parser.malformed("unexpected text after the JSON value"));
        }
        Ok(value)
    }
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Further values that are allowed.
    left: usize,
}

impl<'a> Parser<'a> {
    fn malformed(&self, problem: &'static str) -> Malformed {
        Malformed {
            problem,
            offset: self.at,
        }
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        let Some(left) = self.left.checked_sub(1) else {
            return Err(self.malformed("more than 1,000,000 values"));
        };
        self.left = left;
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => Ok(Value::String(self.string()?)),
            Some(b'-' | b'0'..=b'9') => Ok(Value::Number(self.number()?)),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            Some(_) => Err(self.malformed("expected a JSON value")),
            None => Err(self.malformed("unexpected end of the text")),
        }
    }

    fn literal(&mut self, word: &str, value: Value<'a>) -> Result<Value<'a>, Malformed> {
        if self.bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(self.malformed("expected a JSON value"))
        }
    }

    fn enter(&mut self, depth: usize) -> Result<(), Malformed> {
        if depth >= MAX_DEPTH {
            return Err(self.malformed("arrays and objects are nested too deeply"));
        }
        self.at += 1;
        self.skip_space();
        Ok(())
    }

    /// After an element: true before another element, false after the end of the container.
    fn another(&mut self, close: u8) -> Result<bool, Malformed> {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.skip_space();
                Ok(true)
            }
            Some(c) if c == close => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Err(self.malformed("expected a comma or the end of the array or object")),
            None => Err(self.malformed("unexpected end of the text")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        self.enter(depth)?;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            items
                .try_reserve(1)
                .map_err(|_| self.malformed(NO_MEMORY))?;
            items.push(self.value(depth + 1)?);
            if !self.another(b']')? {
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value<'a>, Malformed> {
        self.enter(depth)?;
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.malformed("expected a member name"));
            }
            let name = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.malformed("expected a colon"));
            }
            self.at += 1;
            self.skip_space();
            members
                .try_reserve(1)
                .map_err(|_| self.malformed(NO_MEMORY))?;
            members.push((name, self.value(depth + 1)?));
            if !self.another(b'}')? {
                return Ok(Value::Object(members));
            }
        }
    }

    fn string(&mut self) -> Result<Text<'a>, Malformed> {
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            let rest = &self.bytes()[self.at..];
            let Some(length) = memchr::memchr2(b'"', b'\\', rest) else {
                return Err(self.malformed("unterminated string"));
            };
            if has_control(&rest[..length]) {
                self.at += rest.iter().take_while(|&&b| b >= 0x20).count();
                return Err(self.malformed("control character in a string"));
            }
            self.at += length;
            if rest[length] == b'"' {
                let raw = &self.text[start..self.at];
                self.at += 1;
                return Ok(Text { raw, escaped });
            }
            escaped = true;
            let Some((_, length)) = escape(&rest[length..]) else {
                return Err(self.malformed("invalid escape sequence"));
            };
            self.at += length;
        }
    }

    fn number(&mut self) -> Result<Number<'a>, Malformed> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(Number(&self.text[start..self.at]))
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.malformed("invalid number"));
        }
        Ok(())
    }
}

/// Whether there is a control character, eight bytes at a time at any optimization level: a byte is below 0x20 if subtracting
/// 0x20 sets its upper bit, and the bit was not set before.
fn has_control(bytes: &[u8]) -> bool {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    let mut chunks = bytes.chunks_exact(32);
    for chunk in &mut chunks {
        let below = |at: usize| {
            let mut word = [0; 8];
            word.copy_from_slice(&chunk[at..at + 8]);
            let word = u64::from_ne_bytes(word);
            word.wrapping_sub(EACH * 0x20) & !word
        };
        // Not in a loop, which would not be unrolled when it is optimized for size.
        if (below(0) | below(8) | below(16) | below(24)) & (EACH * 0x80) != 0 {
            return true;
        }
    }
    chunks.remainder().iter().any(|&b| b < 0x20)
}

/// The character of the escape at the start of `bytes` (`None` if it is half a surrogate pair), and the escape's length.
fn escape(bytes: &[u8]) -> Option<(Option<char>, usize)> {
    let c = match bytes.get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(bytes),
        _ => return None,
    };
    Some((Some(c), 2))
}

fn unicode_escape(bytes: &[u8]) -> Option<(Option<char>, usize)> {
    let first = hex4(bytes.get(2..6)?)?;
    if (0xd800..0xdc00).contains(&first) && bytes.get(6..8) == Some(b"\\u") {
        let second = bytes.get(8..12).and_then(hex4).unwrap_or(0);
        if (0xdc00..0xe000).contains(&second) {
            let c = char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00));
            return Some((c, 12));
        }
    }
    Some((char::from_u32(first), 6))
}

fn hex4(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |sum, &digit| {
        Some(sum * 16 + char::from(digit).to_digit(16)?)
    })
}

#[cfg(test)]
mod tests;
