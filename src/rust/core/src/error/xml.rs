//! Errors of S3, which are XML.

use aws_smithy_xml::decode::{try_data, Document};

/// The codes of S3 have less than 60 bytes.
const MAX_CODE: usize = 100;

/// What an error says.
#[derive(Debug, Default)]
pub struct XmlError {
    /// The error's name, such as `NoSuchKey`.
    pub code: Option<String>,
    /// The message.
    pub message: Option<String>,
    /// The region of the bucket, if the request was for another one.
    pub region: Option<String>,
}

impl XmlError {
    /// Reads an error, if this is one.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim_start();
        if !text.starts_with('<') {
            return None;
        }
        let mut document = Document::new(text);
        let mut root = document.root_element().ok()?;
        if !root.start_el().matches("Error") {
            return None;
        }
        let mut error = XmlError::default();
        while let Some(mut element) = root.next_tag() {
            let member = match element.start_el().local() {
                "Code" => &mut error.code,
                "Message" => &mut error.message,
                "Region" => &mut error.region,
                _ => continue,
            };
            let text = try_data(&mut element).ok();
            *member = text
                .map(|text| text.into_owned())
                .filter(|text| !text.is_empty());
        }
        error.code = error.code.filter(|code| is_code(code));
        Some(error)
    }
}

/// Whether this can be the name of an error.
fn is_code(text: &str) -> bool {
    let is_in_code = |b: u8| b.is_ascii_alphanumeric() || b".:_-".contains(&b);
    text.len() <= MAX_CODE && text.bytes().all(is_in_code)
}

/// The region of a bucket, in the body of an error of S3.
pub fn region_of_bucket(body: &[u8]) -> Option<String> {
    XmlError::read(&String::from_utf8_lossy(body))?.region
}
