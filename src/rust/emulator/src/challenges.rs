//! The challenges of a check, and their versions.

/// The challenge with colored light.
pub const LIGHT: &str = "FaceMovementAndLightChallenge";
/// The challenge without.
pub const MOVEMENT: &str = "FaceMovementChallenge";

/// The challenges that the emulator knows, and their versions. A session without preferences gets the first one.
pub const CHALLENGES: [(&str, &[Version]); 2] =
    [(LIGHT, &[[2, 0, 0], [1, 0, 0]]), (MOVEMENT, &[[1, 0, 0]])];

/// A version of a challenge.
pub type Version = [u16; 3];

/// Parses a version such as `1.0.0`.
pub fn version(text: &str) -> Option<Version> {
    // parse() accepts a sign.
    let number = |part: &str| part.parse().ok().filter(|_| !part.starts_with('+'));
    let parts: Option<Vec<u16>> = text.split('.').map(number).collect();
    parts?.try_into().ok()
}

/// A version as text, such as `1.0.0`.
pub fn version_text([major, minor, patch]: Version) -> String {
    format!("{major}.{minor}.{patch}")
}

/// A challenge and its version.
pub type Challenge = (&'static str, Version);
