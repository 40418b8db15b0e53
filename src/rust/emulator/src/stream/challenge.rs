//! What the service tells the client to ask of the person.

use crate::challenges::LIGHT;
use serde_json::{json, Value};

/// The colors, in the order in which they are shown.
pub const COLORS: [[u8; 3]; 8] = [
    [0, 0, 0],
    [0, 255, 0],
    [255, 0, 0],
    [255, 255, 0],
    [0, 0, 255],
    [0, 255, 255],
    [255, 0, 255],
    [255, 255, 255],
];

/// The first color is shown flat, the others scroll down; in milliseconds.
const FLAT: u32 = 75;
const SCROLL: u32 = 475;
/// Milliseconds for the person to fill the oval.
const OVAL_TIMEOUT: u32 = 30_000;
/// Height by width of the oval.
const OVAL_RATIO: f64 = 1.618;

/// The body of ServerSessionInformationEvent, for a video of this size in pixels. The thresholds are those of AWS's own
/// test of its component.
pub fn information(challenge: &str, width: u32, height: u32) -> Value {
    let mut body = json!({
        "OvalParameters": oval(f64::from(width), f64::from(height)),
        "ChallengeConfig": {
            "BlazeFaceDetectionThreshold": 0.75,
            "FaceDistanceThresholdMin": 0.32,
            "FaceDistanceThreshold": 0.32,
            "FaceDistanceThresholdMax": 0.0,
            "OvalIouThreshold": 0.55,
            "OvalHeightWidthRatio": OVAL_RATIO,
            "OvalIouWidthThreshold": 0.25,
            "OvalIouHeightThreshold": 0.25,
            "FaceIouWidthThreshold": 0.15,
            "FaceIouHeightThreshold": 0.15,
            "OvalFitTimeout": OVAL_TIMEOUT,
        }
    });
    if challenge == LIGHT {
        body["LightChallengeType"] = json!("SEQUENTIAL");
        body["ColorSequences"] = COLORS.iter().enumerate().map(sequence).collect();
    }
    json!({"SessionInformation": {"Challenge": {challenge: body}}})
}

fn sequence((n, color): (usize, &[u8; 3])) -> Value {
    let (scroll, flat) = if n == 0 { (0, FLAT) } else { (SCROLL, 0) };
    json!({
        "FreshnessColor": {"RGB": color},
        "DownscrollDuration": scroll,
        "FlatDisplayDuration": flat,
    })
}

/// An oval in the middle that leaves room on each side.
fn oval(width: f64, height: f64) -> Value {
    let available = if width >= height {
        0.75 * height
    } else {
        width
    };
    let oval = (0.8 * available).floor();
    json!({
        "Width": oval,
        "Height": (OVAL_RATIO * oval).floor(),
        "CenterX": (width / 2.0).floor(),
        "CenterY": (height / 2.0).floor(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenges::MOVEMENT;

    #[test]
    fn only_the_light_challenge_has_colors() {
        let light = &information(LIGHT, 640, 480)["SessionInformation"]["Challenge"][LIGHT];
        assert_eq!(light["ColorSequences"].as_array().unwrap().len(), 8);
        assert_eq!(
            light["OvalParameters"],
            json!({"Width": 288.0, "Height": 465.0, "CenterX": 320.0, "CenterY": 240.0})
        );
        let movement = &information(MOVEMENT, 480, 640)["SessionInformation"]["Challenge"];
        assert!(movement[MOVEMENT]["ColorSequences"].is_null());
        assert_eq!(movement[MOVEMENT]["OvalParameters"]["Width"], 384.0);
    }
}
