//! The images in requests.

use crate::error::Refusal;
use crate::hash::{digest, Digest};
use crate::input::Input;
use base64::engine::general_purpose::STANDARD;
use base64::Engine as _;

/// The identity of the image in a member of the input. Of images in buckets that could be read, it has the bytes.
pub fn image(input: &Input, name: &str) -> Result<Digest, Refusal> {
    let member = |member: &str| {
        input
            .get(name)?
            .get(member)
            .filter(|value| !value.is_null())
    };
    match (member("Bytes"), member("S3Object")) {
        (Some(bytes), None) => {
            let bytes = STANDARD.decode(bytes.as_str().unwrap_or_default());
            identity(&bytes.unwrap_or_default()).ok_or_else(|| {
                Refusal::new(
                    "InvalidImageFormatException",
                    "Request has invalid image format",
                )
            })
        }
        (None, Some(_)) => Err(Refusal::new(
            "InvalidS3ObjectException",
            "Unable to get object metadata from S3. Check object key, region and/or access permissions.",
        )),
        _ => Err(Refusal::parameter("Request has invalid parameters")),
    }
}

/// What tells an image from others: its bytes. `None` if it is neither a complete JPEG file nor a complete PNG file.
pub fn identity(bytes: &[u8]) -> Option<Digest> {
    (is_jpeg(bytes) || is_png(bytes)).then(|| digest(&[bytes]))
}

/// Whether it has all segments of a JPEG file, with the size of the image. The pixels are not decoded.
pub fn is_jpeg(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(&[0xff, 0xd8]) else {
        return false;
    };
    let (mut has_size, mut has_pixels) = (false, false);
    loop {
        let [0xff, marker, ..] = *rest else {
            return false;
        };
        match marker {
            // A marker may have more than one of these before it.
            0xff => rest = &rest[1..],
            0xd9 => return has_size && has_pixels,
            0x01 | 0xd0..=0xd7 => rest = &rest[2..],
            _ => {
                let [_, _, high, low, ..] = *rest else {
                    return false;
                };
                let length = usize::from(u16::from_be_bytes([high, low]));
                let (Some(segment), true) = (rest.get(4..2 + length), length >= 2) else {
                    return false;
                };
                let is_frame =
                    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
                if is_frame {
                    let [_, h1, h2, w1, w2, ..] = *segment else {
                        return false;
                    };
                    has_size = (h1 | h2) != 0 && (w1 | w2) != 0;
                }
                rest = &rest[2 + length..];
                if marker == 0xda {
                    has_pixels = true;
                    rest = after_pixels(rest);
                }
            }
        }
    }
}

/// What follows a scan: in it, 0xff is followed by 0, or by one of the markers that restart it.
fn after_pixels(bytes: &[u8]) -> &[u8] {
    let end = bytes
        .windows(2)
        .position(|pair| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7));
    end.map_or(&[], |end| &bytes[end..])
}

/// Whether it has all chunks of a PNG file. The pixels are not decoded.
fn is_png(bytes: &[u8]) -> bool {
    let Some(mut rest) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") else {
        return false;
    };
    let (mut has_size, mut has_pixels) = (false, false);
    loop {
        let [a, b, c, d, k1, k2, k3, k4, ..] = *rest else {
            return false;
        };
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let Some((data, after)) = rest[8..].split_at_checked(length) else {
            return false;
        };
        // A checksum ends each chunk.
        let Some(after) = after.get(4..) else {
            return false;
        };
        match &[k1, k2, k3, k4] {
            b"IHDR" if length == 13 => {
                has_size = data[..4] != [0; 4] && data[4..8] != [0; 4];
            }
            _ if !has_size => return false,
            b"IDAT" => has_pixels = true,
            b"IEND" => return has_pixels,
            _ => {}
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faces::samples;
    use serde_json::json;

    const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    #[test]
    fn complete_jpeg_and_png_files_are_images() {
        let png = STANDARD.decode(PNG).unwrap();
        assert!(identity(&png).is_some());
        for bytes in samples()
            .iter()
            .map(|sample| sample.bytes)
            .chain([&png[..]])
        {
            assert!(identity(bytes).is_some());
            for cut in [0, 1, 2, 8, bytes.len() / 2, bytes.len() - 1] {
                assert!(identity(&bytes[..cut]).is_none(), "{cut}");
            }
        }
        for other in ["GIF89a", "%PDF-1.7", "text", "\u{0}\u{0}"] {
            assert!(identity(other.as_bytes()).is_none(), "{other}");
        }
    }

    #[test]
    fn an_image_needs_bytes() {
        let code = |image| {
            let input = Input::from(json!({"Image": image}));
            super::image(&input, "Image").map_err(|refusal| refusal.code)
        };
        let object = json!({"Bucket": "bucket", "Name": "name"});
        assert!(code(json!({"Bytes": PNG})).is_ok());
        for (image, expected) in [
            (json!({"Bytes": "aGVsbG8="}), "InvalidImageFormatException"),
            (json!({"S3Object": object}), "InvalidS3ObjectException"),
            (json!({}), "InvalidParameterException"),
            (
                json!({"Bytes": PNG, "S3Object": object}),
                "InvalidParameterException",
            ),
        ] {
            assert_eq!(code(image.clone()), Err(expected.to_owned()), "{image}");
        }
    }
}
