//! Values that look random and are the same in each run: IDs, similarities, attributes.

use ring::digest::{Context, SHA256};

/// A SHA-256 hash.
pub type Digest = [u8; 32];

/// The hash of some parts, none of which runs into the next.
pub fn digest(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&part.len().to_be_bytes());
        context.update(part);
    }
    let mut digest = Digest::default();
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// A UUID made from a name, as the service's are.
pub fn uuid(parts: &[&[u8]]) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(parts)[..16]);
    uuid::Builder::from_sha1_bytes(bytes)
        .into_uuid()
        .to_string()
}

/// A number from 0 to 1.
pub fn fraction(parts: &[&[u8]]) -> f64 {
    let mut bytes = [0; 4];
    bytes.copy_from_slice(&digest(parts)[..4]);
    f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX)
}

/// A number rounded to a 32-bit float, with which the service computes.
pub fn single(x: f64) -> f64 {
    f64::from(x as f32)
}
